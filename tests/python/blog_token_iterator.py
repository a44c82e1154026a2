"""Prints an endpoint's answer token by token, the way the AWS blog about streaming LLM responses does it.

TokenIterator takes the event stream of invoke_endpoint_with_response_stream and gives token texts. It works on bytes and decodes whole
lines only, because a payload part may end anywhere: inside a line, inside a character. Unlike the published one it reads blank and comment
lines as what they are, takes the prefix off as a prefix, does not show special tokens, reads a last line without a line end, and says so
when the stream ends without the model's end.
"""

import argparse
import json
import os

import boto3
from botocore.config import Config


class TokenIterator:
    def __init__(self, event_stream):
        self._events = iter(event_stream)
        self._buffer = bytearray()
        self._ended = False
        self.generated_text = None

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            line = self._next_line()
            if line is None:
                if self.generated_text is None:
                    raise EOFError("the stream ended before the model did")
                raise StopIteration
            if not line.startswith(b"data:"):
                continue
            event = json.loads(line[len(b"data:"):])
            if "error" in event:
                raise RuntimeError(f"{event['error_type']}: {event['error']}")
            if event["generated_text"] is not None:
                self.generated_text = event["generated_text"]
            if not event["token"]["special"]:
                return event["token"]["text"]

    def _next_line(self):
        while True:
            end = self._buffer.find(b"\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return line.rstrip(b"\r")
            if self._ended:
                line = bytes(self._buffer)
                self._buffer.clear()
                return line or None
            event = next(self._events, None)
            if event is None:
                self._ended = True
            else:
                self._buffer += event["PayloadPart"]["Bytes"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--prompt", default="How do I build a website?")
    parser.add_argument("--custom-attributes")
    arguments = parser.parse_args()

    client = boto3.client(
        "sagemaker-runtime",
        endpoint_url=arguments.url,
        region_name=os.environ.get("AWS_REGION", "us-east-1"),
        config=Config(retries={"max_attempts": 0}),
    )
    body = {"inputs": arguments.prompt, "parameters": {"max_new_tokens": 256}, "stream": True}
    optional = {"CustomAttributes": arguments.custom_attributes} if arguments.custom_attributes else {}
    response = client.invoke_endpoint_with_response_stream(
        EndpointName=arguments.endpoint, Body=json.dumps(body), ContentType="application/json", **optional
    )
    try:
        for token in TokenIterator(response["Body"]):
            print(token, end="", flush=True)
    except Exception as failure:
        raise SystemExit(f"{type(failure).__name__}: {failure}") from failure


if __name__ == "__main__":
    main()
