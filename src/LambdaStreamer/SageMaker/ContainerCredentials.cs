using System.Net;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// Keys from the container-credentials endpoint, fetched when first needed and again <see cref="RefreshAhead"/> before they expire.
/// Invariant: at most one fetch is under way; keys that are still valid outlive a fetch that failed.
/// </summary>
#pragma warning disable CA1001 // The semaphore has nothing to dispose: its wait handle is never asked for.
internal sealed class ContainerCredentials : CredentialSource
{
    /// <summary>Where <c>AWS_CONTAINER_CREDENTIALS_RELATIVE_URI</c> is relative to.</summary>
    public const string EcsOrigin = "http://169.254.170.2";

    private const int MaxReplyBytes = 64 * 1024;

    private static readonly TimeSpan RefreshAhead = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RefreshPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(2);

    // The link-local addresses to which AWS SDKs send the token without TLS: ECS, and EKS over IPv4 and IPv6.
    private static readonly IPAddress[] PlainAddresses =
        [IPAddress.Parse("169.254.170.2"), IPAddress.Parse("169.254.170.23"), IPAddress.Parse("fd00:ec2::23")];

    private readonly Uri _address;
    private readonly string? _token;
    private readonly string? _tokenFile;
    private readonly TimeProvider _timeProvider;
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile Held? _held;

    public ContainerCredentials(Uri address, string? token, string? tokenFile, TimeProvider timeProvider)
    {
        _address = address;
        _token = string.IsNullOrEmpty(token) ? null : token;
        _tokenFile = string.IsNullOrEmpty(tokenFile) ? null : tokenFile;
        _timeProvider = timeProvider;
    }

    /// <summary>The SDKs' rule: https to anyone, http only to addresses that can't leave the machine.</summary>
    public static bool MayBeAsked(Uri address)
    {
        if (address.Scheme == Uri.UriSchemeHttps)
        {
            return true;
        }

        return address.Scheme == Uri.UriSchemeHttp
            && (address.IsLoopback || (IPAddress.TryParse(address.IdnHost, out var ip) && PlainAddresses.Contains(ip)));
    }

    public override async ValueTask<AwsCredentials> GetAsync(CancellationToken cancellationToken)
    {
        if (_held is { } fresh && _timeProvider.GetUtcNow() < fresh.RefreshAt)
        {
            return fresh.Credentials;
        }

        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = _timeProvider.GetUtcNow();
            if (_held is { } held && now < held.RefreshAt)
            {
                return held.Credentials;
            }

            try
            {
                var credentials = await FetchAsync(cancellationToken).ConfigureAwait(false);
                _held = new Held(credentials, NextRefresh(credentials, now));
                return credentials;
            }
            catch (CredentialsException) when (_held is { } old && now < old.Credentials.Expiration)
            {
                _held = old with { RefreshAt = NextRefresh(old.Credentials, now) };
                return old.Credentials;
            }
        }
        finally
        {
            _fetching.Release();
        }
    }

    public override bool Reject(AwsCredentials rejected)
    {
        // Another invocation may have replaced them already; then the new ones stay.
        if (_held is { } held && ReferenceEquals(held.Credentials, rejected))
        {
            _held = null;
        }

        return true;
    }

    private async Task<AwsCredentials> FetchAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(FetchTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);

        // A handler a fetch: fetches are hours apart, and a pooled connection would only grow stale. Never through a proxy: it
        // would see the token, and the address exists on this machine alone.
        using var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        using var http = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, _address);
        if (await ReadTokenAsync(either.Token).ConfigureAwait(false) is { } token)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }

        try
        {
            using var response = await http.SendAsync(request, either.Token).ConfigureAwait(false);
            var body = await CappedBody.ReadAsync(response.Content, MaxReplyBytes, either.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                var status = (int)response.StatusCode;
                throw new CredentialsException($"{Place} answered {status}: {Excerpt.Of(body.Span)}", isTransient: status is >= 500 or 429);
            }

            return Accept(ContainerCredentialsReply.Parse(body.Span));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new CredentialsException($"{Place} did not answer within {FetchTimeout.TotalSeconds} s.", isTransient: true);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            var reason = exception is HttpRequestException { HttpRequestError: var error } ? error.ToString() : "cut";
            throw new CredentialsException($"{Place} could not be read: {reason}.", isTransient: true, exception);
        }
    }

    /// <summary>Ahead of expiry, yet never on every call (short-lived keys, a failing endpoint), and never past expiry.</summary>
    private static DateTimeOffset NextRefresh(AwsCredentials credentials, DateTimeOffset now)
    {
        if (credentials.Expiration is not { } end)
        {
            return DateTimeOffset.MaxValue;
        }

        var wanted = end - RefreshAhead;
        var earliest = now + RefreshPause;
        var next = wanted > earliest ? wanted : earliest;
        return next < end ? next : end;
    }

    private AwsCredentials Accept(AwsCredentials? credentials)
    {
        if (credentials is null)
        {
            throw new CredentialsException($"{Place} answered without a usable AccessKeyId and SecretAccessKey.", isTransient: false);
        }

        if (credentials.Expiration <= _timeProvider.GetUtcNow())
        {
            throw new CredentialsException($"{Place} gave keys that expired at {credentials.Expiration:O}.", isTransient: true);
        }

        return credentials;
    }

    /// <summary>The file wins and is read on every fetch: EKS rotates it.</summary>
    private async Task<string?> ReadTokenAsync(CancellationToken cancellationToken)
    {
        var token = _token;
        if (_tokenFile is not null)
        {
            try
            {
                token = (await File.ReadAllTextAsync(_tokenFile, cancellationToken).ConfigureAwait(false)).Trim();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new CredentialsException($"The credentials token file {_tokenFile} could not be read.", false, exception);
            }
        }

        if (token is not null && token.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new CredentialsException("The credentials token has characters that no header may hold.", isTransient: false);
        }

        return token;
    }

    private string Place => $"The credentials endpoint {_address.GetLeftPart(UriPartial.Path)}";

    private sealed record Held(AwsCredentials Credentials, DateTimeOffset RefreshAt);
}
