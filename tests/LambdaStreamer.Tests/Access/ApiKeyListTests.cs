using LambdaStreamer.Access;

namespace LambdaStreamer.Tests.Access;

public class ApiKeyListTests
{
    /// <summary>SHA-256 of "abc" (FIPS 180-2, appendix B.1), and of the empty text.</summary>
    private const string Abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly ServedModel[] Models =
        [new ServedModel { Id = "small", EndpointName = "e" }, new ServedModel { Id = "large", EndpointName = "f" }];

    [Fact]
    public void Entries_AreReadWithTheirOptions()
    {
        var errors = new List<string>();
        var keys = ApiKeyList.Parse($"ci={Abc}, web.1={Empty.ToUpperInvariant()};expires=2027-01-31;models=small|large;max_new_tokens=256", Models, errors);
        Assert.Empty(errors);
        Assert.Equal(["ci", "web.1"], keys.All.Select(static key => key.Name));
        var (first, second) = (keys.All[0], keys.All[1]);
        Assert.Equal((null, 0, null), (first.LastDay, first.Models.Count, first.MaxNewTokens));
        Assert.Equal(new DateOnly(2027, 1, 31), second.LastDay);
        Assert.Equal(["small", "large"], second.Models);
        Assert.Equal(256, second.MaxNewTokens);
        Assert.Same(first, keys.Find("abc"));
    }

    [Theory]
    [InlineData("", "API_KEY_HASHES: entry 1 must begin with a name of 1 to 64 letters, digits, '.', '_' and '-', and '='.")]
    [InlineData("lsk_a-secret-without-a-name", "API_KEY_HASHES: entry 1 must begin with a name of 1 to 64 letters, digits, '.', '_' and '-', and '='.")]
    [InlineData("a b=" + Abc, "API_KEY_HASHES: entry 1 must begin with a name of 1 to 64 letters, digits, '.', '_' and '-', and '='.")]
    [InlineData("ci=lsk_secret", "API_KEY_HASHES: entry 1 ('ci') must have a SHA-256 hash of 64 hexadecimal digits behind its '='.")]
    [InlineData("ci=" + Abc + "00", "API_KEY_HASHES: entry 1 ('ci') must have a SHA-256 hash of 64 hexadecimal digits behind its '='.")]
    [InlineData("ci=" + Abc + ";expires=31.1.2027", "API_KEY_HASHES: entry 1 ('ci') must have a date as YYYY-MM-DD behind 'expires='.")]
    [InlineData("ci=" + Abc + ";models=other", "API_KEY_HASHES: entry 1 ('ci') names a model behind 'models=' that this function does not serve.")]
    [InlineData("ci=" + Abc + ";models=", "API_KEY_HASHES: entry 1 ('ci') names a model behind 'models=' that this function does not serve.")]
    [InlineData("ci=" + Abc + ";max_new_tokens=0", "API_KEY_HASHES: entry 1 ('ci') must have a whole number from 1 behind 'max_new_tokens='.")]
    [InlineData("ci=" + Abc + ";quota=5", "API_KEY_HASHES: entry 1 ('ci') has an option that is none of expires, models and max_new_tokens.")]
    [InlineData("ci=" + Abc + ";", "API_KEY_HASHES: entry 1 ('ci') has an option that is none of expires, models and max_new_tokens.")]
    [InlineData("ci=" + Abc + ";max_new_tokens=1;max_new_tokens=2", "API_KEY_HASHES: entry 1 ('ci') has the same option twice.")]
    [InlineData("ci=" + Abc + ",ci=" + Empty, "API_KEY_HASHES: entry 2 ('ci') has a name that another entry has already.")]
    [InlineData("ci=" + Abc + ",web=" + Abc, "API_KEY_HASHES: entry 2 ('web') has the same hash as 'ci'.")]
    public void BrokenEntry_IsNamedAndNotQuoted(string list, string expected)
    {
        var errors = new List<string>();
        Assert.False(ApiKeyList.Parse(list, Models, errors).AreRequired);
        Assert.Equal([expected], errors);
    }

    [Theory]
    [InlineData("abd")]
    [InlineData("")]
    [InlineData("abc ")]
    [InlineData("\ud800")]
    public void OtherText_IsNoKey(string shown) =>
        Assert.Null(ApiKeyList.Parse($"ci={Abc}", Models, []).Find(shown));

    [Fact]
    public void TextOfAnyLength_IsNoKeyAndNoFailure() =>
        Assert.Null(ApiKeyList.Parse($"ci={Abc}", Models, []).Find(new string('é', 1_000_000)));

    [Fact]
    public void Key_WorksUntilTheEndOfItsLastDay()
    {
        var key = ApiKeyList.Parse($"ci={Abc};expires=2027-01-31", Models, []).All[0];
        Assert.False(key.HasExpired(new DateTimeOffset(2027, 1, 31, 23, 59, 59, TimeSpan.Zero)));
        Assert.True(key.HasExpired(new DateTimeOffset(2027, 2, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.False(key.HasExpired(new DateTimeOffset(2027, 2, 1, 0, 30, 0, TimeSpan.FromHours(1))));
    }
}
