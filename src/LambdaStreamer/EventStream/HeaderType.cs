using System.Diagnostics.CodeAnalysis;

namespace LambdaStreamer.EventStream;

/// <summary>The type byte of a header, with the length of the value that follows it.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "A type byte is named after the type it stands for.")]
public enum HeaderType : byte
{
    /// <summary>No bytes: the type is the value.</summary>
    BooleanTrue = 0,

    /// <summary>No bytes: the type is the value.</summary>
    BooleanFalse = 1,

    /// <summary>1 byte, signed.</summary>
    Int8 = 2,

    /// <summary>2 bytes, signed.</summary>
    Int16 = 3,

    /// <summary>4 bytes, signed.</summary>
    Int32 = 4,

    /// <summary>8 bytes, signed.</summary>
    Int64 = 5,

    /// <summary>A u16 length and that many bytes.</summary>
    Bytes = 6,

    /// <summary>A u16 length and that many bytes of UTF-8.</summary>
    String = 7,

    /// <summary>8 bytes, signed: milliseconds since 1970-01-01T00:00:00Z.</summary>
    Timestamp = 8,

    /// <summary>16 bytes, in the order in which a UUID is written.</summary>
    Uuid = 9,
}
