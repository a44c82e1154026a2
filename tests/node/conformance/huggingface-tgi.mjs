// Hugging Face's client as it was before version 4: its text generation speaks TGI's own form, here at TGI's own two routes.
import { HfInference } from 'huggingface-inference-2';
import { cancelled, cell, faults, fetchNoting, model, nameOf, question, raised, retryAfter, status, textUrl, useTexts } from './cells.mjs';

useTexts();
const client = new HfInference();
const noting = { fetch: fetchNoting };
const generate = (parameters) => client.endpoint(`${textUrl}generate`).textGeneration({
  model, inputs: question, parameters: { max_new_tokens: 250, ...parameters },
}, noting);

async function read(parameters, onText = () => {}, options) {
  const result = { text: '', pieces: 0, details: null, tokens: [] };
  const stream = client.endpoint(`${textUrl}generate_stream`).textGenerationStream({
    model, inputs: question, parameters: { max_new_tokens: 250, details: true, ...parameters },
  }, { ...noting, ...options });
  try {
    for await (const { token, details } of stream) {
      if (!token.special) {
        result.text += token.text;
        result.pieces++;
        result.tokens.push(token);
        onText();
      }
      result.details = details ?? result.details;
    }
  } catch (e) {
    e.textBefore = result.text;
    throw e;
  }
  return result;
}

const ask = async () => (await generate()).generated_text;

await cell('stream', async () => {
  const { text, pieces, details } = await read();
  return { text, streamed: pieces > 100, finish: details.finish_reason };
});
await cell('buffered', async () => {
  const { generated_text, details } = await generate({ details: true });
  return { text: generated_text, finish: details.finish_reason };
});
await cell('stop', async () => {
  const { text, details } = await read({ stop: ['steps', 'never'] });
  return { text, finish: details.finish_reason };
});
await cell('logprobs', async () => {
  const { tokens } = await read({ max_new_tokens: 3 });
  return { tokens: tokens.map((token) => token.text), negative: tokens.every((token) => token.logprob < 0) };
});
await cell('usage', async () => {
  const { details } = await read({ max_new_tokens: 3 });
  return { output: details.generated_tokens };
});
await cell('error before', async () => {
  const e = await raised(() => read());
  return { error: nameOf(e), status: status(), message: e.message };
}, faults.refusal);
await cell('error mid-stream', async () => {
  const e = await raised(() => read());
  return { text: e.textBefore, error: nameOf(e), message: e.message };
}, faults.break);
await cell('429', async () => {
  const e = await raised(() => read());
  return { status: status(), retryAfter: retryAfter(), message: e.message };
}, faults.throttle);
await cell('cancel', () => cancelled((signal, onText) => read({}, onText, { signal }), ask), faults.silence);
