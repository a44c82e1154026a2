// LangChain's chat model for OpenAI.
import { ChatOpenAI } from '@langchain/openai';
import {
  cancelled, cell, chatUrl, faults, fetchNoting, model, nameOf,
  question, raised, requests, toolQuestion, toolSchema,
} from './cells.mjs';

const chat = (more) => new ChatOpenAI({
  model, apiKey: 'none', configuration: { baseURL: `${chatUrl}v1`, fetch: fetchNoting }, streamUsage: true, ...more,
});

async function read(more, options, onText = () => {}, input = question, bind = (it) => it) {
  const result = { text: '', pieces: 0, whole: undefined };
  try {
    for await (const chunk of await bind(chat(more)).stream(input, options)) {
      if (chunk.content) {
        result.text += chunk.content;
        result.pieces++;
        onText();
      }
      result.whole = result.whole?.concat(chunk) ?? chunk;
    }
  } catch (e) {
    e.textBefore = result.text;
    throw e;
  }
  return { ...result, finish: result.whole.response_metadata.finish_reason };
}

const ask = async () => (await chat().invoke(question)).content;
const refused = (e) => ({ error: nameOf(e), status: e.status, message: e.message.split('\n')[0], code: e.code, param: e.param });

await cell('stream', async () => {
  const { text, pieces, finish } = await read();
  return { text, streamed: pieces > 100, finish };
});
await cell('buffered', async () => {
  const message = await chat().invoke(question);
  return { text: message.content, finish: message.response_metadata.finish_reason };
});
await cell('stop', async () => {
  const { text, finish } = await read({}, { stop: ['steps', 'never'] });
  return { text, finish };
});
await cell('logprobs', async () => {
  const message = await chat({ maxTokens: 3, logprobs: true, topLogprobs: 2 }).invoke(question);
  const { content } = message.response_metadata.logprobs;
  return {
    tokens: content.map((entry) => entry.token),
    top: content.map((entry) => entry.top_logprobs.length),
    negative: content.every((entry) => entry.logprob < 0),
  };
});
await cell('usage', async () => {
  const { whole: { usage_metadata: usage } } = await read({ maxTokens: 3 });
  return { input: usage.input_tokens, output: usage.output_tokens };
});
await cell('tools', async () => {
  const tools = [{ type: 'function', function: { name: 'get_weather', parameters: toolSchema } }];
  const { whole, finish } = await read({}, {}, () => {}, toolQuestion, (it) => it.bindTools(tools));
  const [call] = whole.tool_calls;
  return { name: call.name, arguments: call.args, finish };
});
await cell('error before', async () => refused(await raised(() => read())), faults.refusal);
await cell('error mid-stream', async () => {
  const e = await raised(() => read());
  return { text: e.textBefore, error: nameOf(e), message: e.message };
}, faults.break);
await cell('404 model', async () => refused(await raised(() => read({ model: 'no-such-model' }))));
await cell('429', async () => ({ text: (await read()).text, requests: requests() }), faults.throttle);
await cell('cancel', () => cancelled((signal, onText) => read({}, { signal }, onText), ask), faults.silence);
