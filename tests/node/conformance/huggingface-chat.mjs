// Hugging Face's client with its chat.
import { InferenceClient } from '@huggingface/inference';
import {
  cancelled, cell, chatUrl, faults, fetchNoting, model, nameOf,
  question, raised, retryAfter, toolQuestion, toolSchema,
} from './cells.mjs';

const client = new InferenceClient(undefined, { endpointUrl: `${chatUrl}v1`, fetch: fetchNoting });
const messages = [{ role: 'user', content: question }];
const complete = (more) => client.chatCompletion({ model, messages, ...more });

async function read(more, onText = () => {}, options) {
  const result = { text: '', pieces: 0, finish: null, tool: undefined };
  try {
    for await (const chunk of client.chatCompletionStream({ model, messages, ...more }, options)) {
      const [choice] = chunk.choices;
      if (choice?.delta.content) {
        result.text += choice.delta.content;
        result.pieces++;
        onText();
      }
      for (const { function: piece } of choice?.delta.tool_calls ?? []) {
        result.tool ??= { name: piece.name, arguments: '' };
        result.tool.arguments += piece.arguments;
      }
      result.finish = choice?.finish_reason ?? result.finish;
      result.usage = chunk.usage ?? result.usage;
    }
  } catch (e) {
    e.textBefore = result.text;
    throw e;
  }
  return result;
}

const ask = async () => (await complete()).choices[0].message.content;
const refused = (e) => {
  const { status, body: { error } } = e.httpResponse;
  return { error: nameOf(e), status, message: error.message, code: error.code, param: error.param };
};

await cell('stream', async () => {
  const { text, pieces, finish } = await read();
  return { text, streamed: pieces > 100, finish };
});
await cell('buffered', async () => {
  const { choices: [{ message, finish_reason }] } = await complete();
  return { text: message.content, finish: finish_reason };
});
await cell('stop', async () => {
  const { text, finish } = await read({ stop: ['steps', 'never'] });
  return { text, finish };
});
await cell('logprobs', async () => {
  const { choices: [{ logprobs }] } = await complete({ max_tokens: 3, logprobs: true, top_logprobs: 2 });
  return {
    tokens: logprobs.content.map((entry) => entry.token),
    top: logprobs.content.map((entry) => entry.top_logprobs.length),
    negative: logprobs.content.every((entry) => entry.logprob < 0),
  };
});
await cell('usage', async () => {
  const { usage } = await read({ max_tokens: 3, stream_options: { include_usage: true } });
  return { input: usage.prompt_tokens, output: usage.completion_tokens };
});
await cell('tools', async () => {
  const { tool, finish } = await read({
    messages: [{ role: 'user', content: toolQuestion }],
    tools: [{ type: 'function', function: { name: 'get_weather', parameters: toolSchema } }],
  });
  return { name: tool.name, arguments: JSON.parse(tool.arguments), finish };
});
await cell('error before', async () => refused(await raised(() => read())), faults.refusal);
await cell('error mid-stream', async () => {
  const e = await raised(() => read());
  return { text: e.textBefore, error: nameOf(e), message: e.message };
}, faults.break);
await cell('404 model', async () => refused(await raised(() => read({ model: 'no-such-model' }))));
await cell('429', async () => {
  const e = await raised(() => read());
  return { status: e.httpResponse.status, retryAfter: retryAfter() };
}, faults.throttle);
await cell('cancel', () => cancelled((signal, onText) => read({}, onText, { signal }), ask), faults.silence);
