using System.Net;

namespace Http.Server.Cgi;

/// <summary>What a program is told of its request.</summary>
internal sealed record CgiRequest
{
    public required string Method { get; init; }

    /// <summary>The request target as sent, query included, one character a byte.</summary>
    public required string Target { get; init; }

    /// <summary>What follows the question mark, as sent, one character a byte.</summary>
    public required string Query { get; init; }

    public required string Version { get; init; }

    public required HttpHeaders Headers { get; init; }

    public required EndPoint Client { get; init; }

    /// <summary>The client's address as text; that of the loopback for a Unix domain socket, since RFC 3875 wants one.</summary>
    public required string ClientAddress { get; init; }

    public required string ServerName { get; init; }

    public required int ServerPort { get; init; }

    /// <summary>The host that the client asked for; null if that is not known.</summary>
    public string? Host { get => field ?? Headers["Host"]; init; }

    /// <summary>The server knows which proxies to believe: what they and others claim is not passed on.</summary>
    public bool HidesForwarded { get; init; }

    /// <summary>The client speaks HTTPS.</summary>
    public bool IsSecure { get; init; }

    /// <summary>The server's name and version.</summary>
    public required string Software { get; init; }

    public string? AuthType { get; init; }

    public string? RemoteUser { get; init; }
}
