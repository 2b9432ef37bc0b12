using System.Net;
using System.Net.Sockets;

namespace Http.Server.Interop;

/// <summary>A socket that listens already, which the process that has started this one has opened for it.</summary>
/// <param name="descriptor">The number of its descriptor.</param>
internal sealed class DescriptorEndPoint(int descriptor) : EndPoint
{
    public int Descriptor { get; } = descriptor;

    public override AddressFamily AddressFamily => AddressFamily.Unspecified;

    public override bool Equals(object? obj) => obj is DescriptorEndPoint other && other.Descriptor == Descriptor;

    public override int GetHashCode() => Descriptor;

    public override string ToString() => $"fd:{Descriptor}";
}
