using NJsonSchema;

namespace LambdaStreamer.Tests.OpenAI;

/// <summary>
/// OpenAI's objects as its API reference defines them (components CreateChatCompletionStreamResponse, CreateChatCompletionResponse,
/// CreateCompletionResponse), with nothing beside what is named here but <c>reasoning_content</c>, which vLLM and DeepSeek have added.
/// </summary>
internal static class Schemas
{
    private const string Head = """
        "id": {"type": "string", "pattern": "^(chatcmpl|cmpl)-.+$"}, "created": {"type": "integer"}, "model": {"type": "string", "minLength": 1}
        """;

    private const string Definitions = """
        "definitions": {
          "usage": {
            "type": "object", "additionalProperties": false, "required": ["prompt_tokens", "completion_tokens", "total_tokens"],
            "properties": {"prompt_tokens": {"type": "integer"}, "completion_tokens": {"type": "integer"}, "total_tokens": {"type": "integer"}}
          },
          "top": {
            "type": "object", "additionalProperties": false, "required": ["token", "logprob", "bytes"],
            "properties": {"token": {"type": "string"}, "logprob": {"type": "number"}, "bytes": {"type": "array", "items": {"type": "integer"}}}
          },
          "chatLogprobs": {
            "type": ["object", "null"], "additionalProperties": false, "required": ["content", "refusal"],
            "properties": {
              "refusal": {"type": "null"},
              "content": {"type": "array", "minItems": 1, "items": {
                "type": "object", "additionalProperties": false, "required": ["token", "logprob", "bytes", "top_logprobs"],
                "properties": {
                  "token": {"type": "string"}, "logprob": {"type": "number"}, "bytes": {"type": "array", "items": {"type": "integer"}},
                  "top_logprobs": {"type": "array", "items": {"$ref": "#/definitions/top"}}
                }
              }}
            }
          },
          "completionLogprobs": {
            "type": ["object", "null"], "additionalProperties": false, "required": ["tokens", "token_logprobs", "text_offset"],
            "properties": {
              "tokens": {"type": "array", "items": {"type": "string"}},
              "token_logprobs": {"type": "array", "items": {"type": "number"}},
              "top_logprobs": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "number"}}},
              "text_offset": {"type": "array", "items": {"type": "integer"}}
            }
          }
        }
        """;

    private static readonly Task<JsonSchema> ChatChunk = JsonSchema.FromJsonAsync($$$$"""
        {"type": "object", "additionalProperties": false, "required": ["id", "object", "created", "model", "choices"],
         "properties": {
          {{{{Head}}}}, "object": {"enum": ["chat.completion.chunk"]}, "usage": {"oneOf": [{"type": "null"}, {"$ref": "#/definitions/usage"}]},
          "choices": {"type": "array", "maxItems": 1, "items": {
            "type": "object", "additionalProperties": false, "required": ["index", "delta", "logprobs", "finish_reason"],
            "properties": {
              "index": {"enum": [0]}, "logprobs": {"$ref": "#/definitions/chatLogprobs"},
              "finish_reason": {"enum": [null, "stop", "length", "tool_calls", "content_filter"]},
              "delta": {"type": "object", "additionalProperties": false, "properties": {
                "role": {"enum": ["assistant"]}, "content": {"type": "string"}, "reasoning_content": {"type": "string"},
                "tool_calls": {"type": "array", "minItems": 1, "items": {
                  "type": "object", "additionalProperties": false, "required": ["index", "function"],
                  "properties": {
                    "index": {"type": "integer"}, "id": {"type": "string", "minLength": 1}, "type": {"enum": ["function"]},
                    "function": {"type": "object", "additionalProperties": false, "required": ["arguments"],
                      "properties": {"name": {"type": "string"}, "arguments": {"type": "string"}}}
                  }
                }}
              }}
            }
          }}
         },
         {{{{Definitions}}}}}
        """);

    private static readonly Task<JsonSchema> Chat = JsonSchema.FromJsonAsync($$$$"""
        {"type": "object", "additionalProperties": false, "required": ["id", "object", "created", "model", "choices", "usage"],
         "properties": {
          {{{{Head}}}}, "object": {"enum": ["chat.completion"]}, "usage": {"$ref": "#/definitions/usage"},
          "choices": {"type": "array", "minItems": 1, "maxItems": 1, "items": {
            "type": "object", "additionalProperties": false, "required": ["index", "message", "logprobs", "finish_reason"],
            "properties": {
              "index": {"enum": [0]}, "logprobs": {"$ref": "#/definitions/chatLogprobs"},
              "finish_reason": {"enum": ["stop", "length", "tool_calls", "content_filter"]},
              "message": {"type": "object", "additionalProperties": false, "required": ["role", "content", "refusal"], "properties": {
                "role": {"enum": ["assistant"]}, "content": {"type": ["string", "null"]}, "refusal": {"type": "null"},
                "reasoning_content": {"type": "string"},
                "tool_calls": {"type": "array", "minItems": 1, "items": {
                  "type": "object", "additionalProperties": false, "required": ["id", "type", "function"],
                  "properties": {
                    "id": {"type": "string", "minLength": 1}, "type": {"enum": ["function"]},
                    "function": {"type": "object", "additionalProperties": false, "required": ["name", "arguments"],
                      "properties": {"name": {"type": "string"}, "arguments": {"type": "string"}}}
                  }
                }}
              }}
            }
          }}
         },
         {{{{Definitions}}}}}
        """);

    private static readonly Task<JsonSchema> Completion = JsonSchema.FromJsonAsync($$$$"""
        {"type": "object", "additionalProperties": false, "required": ["id", "object", "created", "model", "choices"],
         "properties": {
          {{{{Head}}}}, "object": {"enum": ["text_completion"]}, "usage": {"oneOf": [{"type": "null"}, {"$ref": "#/definitions/usage"}]},
          "choices": {"type": "array", "maxItems": 1, "items": {
            "type": "object", "additionalProperties": false, "required": ["index", "text", "logprobs", "finish_reason"],
            "properties": {
              "index": {"enum": [0]}, "text": {"type": "string"}, "logprobs": {"$ref": "#/definitions/completionLogprobs"},
              "finish_reason": {"enum": [null, "stop", "length", "content_filter"]}
            }
          }}
         },
         {{{{Definitions}}}}}
        """);

    private static readonly Task<JsonSchema> Error = JsonSchema.FromJsonAsync("""
        {"type": "object", "additionalProperties": false, "required": ["error"],
         "properties": {"error": {
           "type": "object", "additionalProperties": false, "required": ["message", "type", "param", "code"],
           "properties": {
             "message": {"type": "string", "minLength": 1}, "type": {"type": "string", "minLength": 1},
             "param": {"type": ["string", "null"]}, "code": {"type": ["string", "null"]}
           }
         }}}
        """);

    public static async Task AssertValidAsync(string json, string form)
    {
        var schema = await (json.StartsWith("{\"error\"", StringComparison.Ordinal) ? Error : form switch
        {
            "chat stream" => ChatChunk,
            "chat" => Chat,
            _ => Completion,
        });
        var problems = schema.Validate(json);
        Assert.True(problems.Count == 0, $"{string.Join("; ", problems)} in {json}");
    }
}
