using System.Buffers.Binary;
using System.Net.Sockets;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>Reads how many TCP segments with data a socket received, which on the loopback is how often the peer wrote.</summary>
internal static class TcpSegments
{
    private const int ProtocolTcp = 6;

    // linux/tcp.h: TCP_INFO, and the place of tcpi_data_segs_in in struct tcp_info (there since Linux 4.6).
    private const int OptionTcpInfo = 11;
    private const int DataSegmentsInOffset = 152;

    /// <summary>Null where the system has no TCP_INFO, or an older one.</summary>
    public static int? Received(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var info = new byte[DataSegmentsInOffset + sizeof(uint)];
        try
        {
            var length = socket.GetRawSocketOption(ProtocolTcp, OptionTcpInfo, info);
            return length < info.Length ? null : (int)BinaryPrimitives.ReadUInt32LittleEndian(info.AsSpan(DataSegmentsInOffset));
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
