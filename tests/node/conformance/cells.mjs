// What the clients' scripts share: the questions, the way to ask the twin for a fault, and the result lines.
// Arguments of a script: base URL of the function before a container of chats, the same before one of texts, and a number of its own.

export const [chatUrl, textUrl, number] = process.argv.slice(2);
export const model = 'huggingface-llm-falcon-7b-instruct-bf16';
export const question = 'How do I build a website?';
export const toolQuestion = 'Ask get_weather about Paris.';
export const toolSchema = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Paris'] } },
  required: ['city'],
  additionalProperties: false,
};

/** Each fault of the twin by the column that it is for. `times` counts by a fault's whole text: the number keeps clients apart. */
export const faults = {
  refusal: 'model-error=422',
  break: 'model-stream-error@5',
  throttle: `throttle,times=3,writes=${100000 + Number(number)}`,
  silence: 'stall@5',
};

let fault;
let answers = [];

/** The fetch that every client is given: asks for the cell's fault and notes the heads of the answers. */
export async function fetchNoting(url, init) {
  const headers = new Headers(url instanceof Request ? url.headers : undefined);
  new Headers(init?.headers).forEach((value, name) => headers.set(name, value));
  if (fault !== undefined) {
    headers.set('X-Amzn-SageMaker-Custom-Attributes', `fault=${fault}`);
  }

  const response = await fetch(url, { ...init, headers });
  answers.push({ status: response.status, id: response.headers.get('x-request-id'), retryAfter: response.headers.get('retry-after') });
  return response;
}

/** How many requests the cell made so far. */
export const requests = () => answers.length;

/** The latest answer's status and header, for clients whose errors do not have them. */
export const status = () => answers.at(-1).status;
export const retryAfter = () => answers.at(-1).retryAfter;

/** Runs one cell and prints what the client showed of it. */
export async function cell(column, run, cellFault) {
  fault = cellFault;
  answers = [];
  try {
    console.log(JSON.stringify({ column, result: await run() }));
  } catch (e) {
    console.log(JSON.stringify({ column, failure: String(e?.stack ?? e) }));
  } finally {
    fault = undefined;
  }
}

/** The error that a client raises; a client that raises none fails the cell. */
export async function raised(run) {
  try {
    await run();
  } catch (e) {
    return e;
  }

  throw new Error('The client raised nothing.');
}

/** What an error calls itself; "object" for one that is no Error at all. */
export const nameOf = (e) => (e.name === 'Error' ? e.constructor.name : e.name ?? typeof e);

/** Cancels the answer that the cell's latest request is getting. */
export async function cancel() {
  const response = await fetch(new URL(`cancel/${answers.at(-1).id}`, base()), { method: 'POST' });
  return response.status;
}

let base = () => chatUrl;

/** From here on the script asks the function before the container of texts. */
export const useTexts = () => {
  base = () => textUrl;
};

/**
 * The column "cancel": `stream(signal, onText)` reads an answer that falls silent. The client's own abort ends its side alone, so
 * the function is then asked to end the other; the second time the function is asked first, which the client must be able to tell.
 */
export async function cancelled(stream, ask) {
  const aborted = await endOf((onText) => {
    const controller = new AbortController();
    return stream(controller.signal, () => onText(() => controller.abort()));
  });
  const abortedStatus = await cancel();
  const ended = await endOf((onText) => stream(new AbortController().signal, () => onText(cancel)));
  fault = undefined;
  return { aborted, cancel: abortedStatus, ended, next: await ask() };
}

async function endOf(read) {
  let action;
  try {
    await read((act) => {
      action ??= Promise.resolve(act());
    });
    return 'ended';
  } catch (e) {
    return `${nameOf(e)}: ${e.message}`;
  } finally {
    await action;
  }
}
