// The AI SDK with its provider for compatible servers.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { run } from './ai-sdk.mjs';
import { chatUrl, fetchNoting, model } from './cells.mjs';

const provider = createOpenAICompatible({
  name: 'sagemaker',
  baseURL: `${chatUrl}v1`,
  fetch: fetchNoting,
  includeUsage: true,
});
await run((id = model) => provider(id), {});
