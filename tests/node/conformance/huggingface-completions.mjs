// Hugging Face's client, version 4, with its text generation: that speaks OpenAI's completions and hands out their chunks as they are.
import { InferenceClient } from '@huggingface/inference';
import { cancelled, cell, chatUrl, faults, fetchNoting, model, nameOf, question, raised, retryAfter } from './cells.mjs';

const client = new InferenceClient(undefined, { endpointUrl: `${chatUrl}v1`, fetch: fetchNoting });
const asked = (parameters, more) => ({ model, inputs: question, parameters: { max_new_tokens: 250, ...parameters }, ...more });

async function read(parameters, onText = () => {}, options, more) {
  const result = { text: '', pieces: 0, finish: null, tokens: [] };
  try {
    for await (const { choices: [choice], usage } of client.textGenerationStream(asked(parameters, more), options)) {
      if (choice?.text) {
        result.text += choice.text;
        result.pieces++;
        onText();
      }
      result.tokens.push(...(choice?.logprobs?.tokens.map((token, i) => [
        token, choice.logprobs.token_logprobs[i], Object.keys(choice.logprobs.top_logprobs[i]).length]) ?? []));
      result.finish = choice?.finish_reason ?? result.finish;
      result.usage = usage ?? result.usage;
    }
  } catch (e) {
    e.textBefore = result.text;
    throw e;
  }
  return result;
}

const ask = async () => (await client.textGeneration(asked())).generated_text;
const refused = (e) => {
  const { status, body: { error } } = e.httpResponse;
  return { error: nameOf(e), status, message: error.message, code: error.code, param: error.param };
};

await cell('stream', async () => {
  const { text, pieces, finish } = await read();
  return { text, streamed: pieces > 100, finish };
});
await cell('buffered', async () => ({ text: await ask() }));
await cell('stop', async () => {
  const { text, finish } = await read({ stop: ['steps', 'never'] });
  return { text, finish };
});
await cell('logprobs', async () => {
  const { tokens } = await read({ max_new_tokens: 3, logprobs: 2 });
  return {
    tokens: tokens.map(([token]) => token),
    top: tokens.map(([, , top]) => top),
    negative: tokens.every(([, logprob]) => logprob < 0),
  };
});
await cell('usage', async () => {
  const { usage } = await read({ max_new_tokens: 3 }, () => {}, {}, { stream_options: { include_usage: true } });
  return { input: usage.prompt_tokens, output: usage.completion_tokens };
});
await cell('error before', async () => refused(await raised(() => read())), faults.refusal);
await cell('error mid-stream', async () => {
  const e = await raised(() => read());
  return { text: e.textBefore, error: nameOf(e), message: e.message };
}, faults.break);
await cell('404 model', async () => refused(await raised(() => read({}, () => {}, {}, { model: 'no-such-model' }))));
await cell('429', async () => {
  const e = await raised(() => read());
  return { status: e.httpResponse.status, retryAfter: retryAfter() };
}, faults.throttle);
await cell('cancel', () => cancelled((signal, onText) => read({}, onText, { signal }), ask), faults.silence);
