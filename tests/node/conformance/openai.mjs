// OpenAI's own client for JavaScript.
import OpenAI from 'openai';
import {
  cancelled, cell, chatUrl, faults, fetchNoting, model, nameOf,
  question, raised, requests, toolQuestion, toolSchema,
} from './cells.mjs';

const client = new OpenAI({ baseURL: `${chatUrl}v1`, apiKey: 'none', fetch: fetchNoting });
const messages = [{ role: 'user', content: question }];
const create = (more, options) => client.chat.completions.create({ model, messages, ...more }, options);

async function read(more, onText = () => {}, options) {
  const result = { text: '', pieces: 0, finish: null };
  try {
    for await (const chunk of await create({ stream: true, ...more }, options)) {
      const [choice] = chunk.choices;
      if (choice?.delta.content) {
        result.text += choice.delta.content;
        result.pieces++;
        onText();
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

const ask = async () => (await create()).choices[0].message.content;
const refused = (e) => ({ error: nameOf(e), status: e.status, message: e.message, code: e.code, param: e.param });

await cell('stream', async () => {
  const { text, pieces, finish } = await read();
  return { text, streamed: pieces > 100, finish };
});
await cell('buffered', async () => {
  const { choices: [{ message, finish_reason }] } = await create();
  return { text: message.content, finish: finish_reason };
});
await cell('stop', async () => {
  const { text, finish } = await read({ stop: ['steps', 'never'] });
  return { text, finish };
});
await cell('logprobs', async () => {
  const { choices: [{ logprobs }] } = await create({ max_tokens: 3, logprobs: true, top_logprobs: 2 });
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
  const stream = client.chat.completions.stream({
    model,
    messages: [{ role: 'user', content: toolQuestion }],
    tools: [{ type: 'function', function: { name: 'get_weather', parameters: toolSchema } }],
  });
  const { choices: [{ message, finish_reason }] } = await stream.finalChatCompletion();
  const [call] = message.tool_calls;
  return { name: call.function.name, arguments: JSON.parse(call.function.arguments), finish: finish_reason };
});
await cell('error before', async () => refused(await raised(() => read())), faults.refusal);
await cell('error mid-stream', async () => {
  const e = await raised(() => read());
  return { text: e.textBefore, error: nameOf(e), message: e.message };
}, faults.break);
await cell('404 model', async () => refused(await raised(() => read({ model: 'no-such-model' }))));
await cell('429', async () => ({ text: (await read()).text, requests: requests() }), faults.throttle);
await cell('cancel', () => cancelled((signal, onText) => read({}, onText, { signal }), ask), faults.silence);
