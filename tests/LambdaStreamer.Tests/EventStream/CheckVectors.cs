namespace LambdaStreamer.Tests.EventStream;

/// <summary>
/// Frames whose bytes were fixed by others: botocore's event stream tests, which AWS's SDKs share, and one part in the form
/// that SageMaker uses, decoded back with botocore.
/// </summary>
internal static class CheckVectors
{
    public const string PayloadPart =
        "00000077000000593c670ae60d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000b5061796c6f6164506172740d3a63" +
        "6f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d646174613a7b2278223a317d0a0aa006899e";

    public const string Empty = "000000100000000005c248eb7d98c8ff";

    public const string PayloadWithoutHeaders = "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936";

    public const string OneStringHeader =
        "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1";

    /// <summary>Headers named 0 to 9, each of the type of its name.</summary>
    public const string AllHeaderTypes =
        "000000620000005203b5cb9c0130000131010132020201330300030134040000000401350500000000000000050136060005627974657301370700047574663" +
        "801380800000000000000080139093031323334353637383961626364656663353671";

    public const string Int8Header = "000000170000000729860158046279746502ffc2f869dc";

    public const string Int64Header = "0000001e0000000e5d4adb8d046c6f6e6705ffffffffffffffff4bc232da";

    public const string Error =
        "0000005200000042bf23637e0d3a6d6573736167652d747970650700056572726f720b3a6572726f722d636f6465070004636f64650e3a6572726f72" +
        "2d6d6573736167650700076d6573736167656b6cea3d";

    /// <summary>Good CRCs; headers of 0xff000102 bytes in a frame of 61.</summary>
    public const string HeadersLongerThanFrame = "0000003dff0001021583f5c2";

    /// <summary>A good prelude that announces a payload of 24 MiB and one byte.</summary>
    public const string PayloadAboveCap = "0180002100000000dd3f33b1";
}
