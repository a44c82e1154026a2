// Vercel's AI SDK over a provider: the script of each provider passes its own.
import { generateText, jsonSchema, streamText, tool } from 'ai';
import { cancelled, cell, faults, nameOf, question, raised, requests, toolQuestion, toolSchema } from './cells.mjs';

/** @param logprobs reads them from a result; absent for a provider that does not hand them out. */
export async function run(chat, { logprobs, providerOptions }) {
  async function read(more, onText = () => {}) {
    const result = { text: '', pieces: 0, tools: [] };
    try {
      const stream = streamText({ model: chat(), prompt: question, onError: () => {}, ...more });
      for await (const part of stream.fullStream) {
        switch (part.type) {
          case 'text-delta':
            result.text += part.text;
            result.pieces++;
            onText();
            break;
          case 'tool-call':
            result.tools.push(part);
            break;
          case 'finish':
            result.finish = part.finishReason;
            result.usage = part.totalUsage;
            break;
          case 'abort':
            throw new DOMException('The stream has an abort part.', 'AbortPart');
          case 'error':
            throw part.error;
        }
      }
    } catch (e) {
      e.textBefore = result.text;
      throw e;
    }
    return result;
  }

  const ask = async () => (await generateText({ model: chat(), prompt: question })).text;
  const refused = (e) => {
    const { code, param } = e.data.error;
    return { error: nameOf(e), status: e.statusCode, message: e.message, code, param };
  };

  await cell('stream', async () => {
    const { text, pieces, finish } = await read();
    return { text, streamed: pieces > 100, finish };
  });
  await cell('buffered', async () => {
    const { text, finishReason } = await generateText({ model: chat(), prompt: question });
    return { text, finish: finishReason };
  });
  await cell('stop', async () => {
    const { text, finish } = await read({ stopSequences: ['steps', 'never'] });
    return { text, finish };
  });
  if (logprobs) {
    await cell('logprobs', async () => {
      const entries = logprobs(await generateText({ model: chat(), prompt: question, maxOutputTokens: 3, providerOptions }));
      return {
        tokens: entries.map((entry) => entry.token),
        top: entries.map((entry) => entry.top_logprobs.length),
        negative: entries.every((entry) => entry.logprob < 0),
      };
    });
  }
  await cell('usage', async () => {
    const { usage } = await read({ maxOutputTokens: 3 });
    return { input: usage.inputTokens, output: usage.outputTokens };
  });
  await cell('tools', async () => {
    const { tools: [call], finish } = await read({
      prompt: toolQuestion,
      tools: { get_weather: tool({ inputSchema: jsonSchema(toolSchema) }) },
    });
    return { name: call.toolName, arguments: call.input, finish };
  });
  await cell('error before', async () => refused(await raised(() => read())), faults.refusal);
  await cell('error mid-stream', async () => {
    const e = await raised(() => read());
    return { text: e.textBefore, error: nameOf(e), message: e.message };
  }, faults.break);
  await cell('404 model', async () => refused(await raised(() => read({ model: chat('no-such-model') }))));
  await cell('429', async () => ({ text: (await read()).text, requests: requests() }), faults.throttle);
  await cell('cancel', () => cancelled((abortSignal, onText) => read({ abortSignal }, onText), ask), faults.silence);
}
