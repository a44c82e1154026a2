// Calls InvokeWithResponseStream with the AWS SDK for JavaScript and prints one JSON line for each event that it yields.
// Usage: node invoke-with-response-stream.mjs ENDPOINT FUNCTION PAYLOAD
import { InvokeWithResponseStreamCommand, LambdaClient } from "@aws-sdk/client-lambda";

const [endpoint, functionName, payload] = process.argv.slice(2);
const client = new LambdaClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});
const response = await client.send(
  new InvokeWithResponseStreamCommand({ FunctionName: functionName, Payload: payload, LogType: "None" }),
);
console.log(JSON.stringify({ status: response.StatusCode, version: response.ExecutedVersion }));
for await (const event of response.EventStream) {
  if (event.PayloadChunk) {
    console.log(JSON.stringify({ chunk: Buffer.from(event.PayloadChunk.Payload).toString("utf8") }));
  } else {
    console.log(JSON.stringify({ complete: event.InvokeComplete }));
  }
}
