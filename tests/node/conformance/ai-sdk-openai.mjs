// The AI SDK with its provider for OpenAI, whose schemas are strict.
import { createOpenAI } from '@ai-sdk/openai';
import { run } from './ai-sdk.mjs';
import { chatUrl, fetchNoting, model } from './cells.mjs';

const provider = createOpenAI({ baseURL: `${chatUrl}v1`, apiKey: 'none', fetch: fetchNoting });
await run((id = model) => provider.chat(id), {
  logprobs: (result) => result.providerMetadata.openai.logprobs,
  providerOptions: { openai: { logprobs: 2 } },
});
