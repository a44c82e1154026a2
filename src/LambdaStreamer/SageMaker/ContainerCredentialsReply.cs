using System.Text.Json;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// The JSON of a container-credentials endpoint: <c>AccessKeyId</c>, <c>SecretAccessKey</c>, <c>Token</c>, <c>Expiration</c> (ISO 8601).
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
/// </summary>
internal static class ContainerCredentialsReply
{
    /// <summary>Null when the text isn't such a reply or lacks a usable key.</summary>
    public static AwsCredentials? Parse(ReadOnlySpan<byte> json)
    {
        string? accessKeyId = null;
        string? secretAccessKey = null;
        string? token = null;
        DateTimeOffset? expiration = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("AccessKeyId"u8))
                {
                    accessKeyId = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("SecretAccessKey"u8))
                {
                    secretAccessKey = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("Token"u8))
                {
                    token = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("Expiration"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var moment))
                    {
                        expiration = moment;
                    }
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (JsonException)
        {
            return null;
        }

        token = string.IsNullOrEmpty(token) ? null : token;
        return AwsCredentials.AreUsable(accessKeyId, secretAccessKey, token)
            ? new AwsCredentials(accessKeyId!, secretAccessKey!, token, expiration)
            : null;
    }

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }
}
