using Http.Server.State;

namespace Http.Server.Tests.State;

/// <summary>What is an address of a store, what it says, and that a message tells no password.</summary>
public sealed class StateStoreAddressTests
{
    [Theory]
    [InlineData("redis://localhost", "localhost", 6379, false, null, null, 0, "httpserver:", "redis://localhost:6379")]
    [InlineData("redis://localhost:7000/", "localhost", 7000, false, null, null, 0, "httpserver:", "redis://localhost:7000")]
    [InlineData("REDISS://Store.Example.com:6380/2", "store.example.com", 6380, true, null, null, 2, "httpserver:", "rediss://store.example.com:6380/2")]
    [InlineData("redis://anna:p%40ss%3A1@10.0.0.1:1", "10.0.0.1", 1, false, "anna", "p@ss:1", 0, "httpserver:", "redis://10.0.0.1:1")]
    [InlineData("redis://:secret@[::1]:6379", "::1", 6379, false, null, "secret", 0, "httpserver:", "redis://[::1]:6379")]
    [InlineData("redis://anna@host?prefix=shop%3A", "host", 6379, false, "anna", null, 0, "shop:", "redis://host:6379")]
    [InlineData("redis://a:b:c@host?prefix=", "host", 6379, false, "a", "b:c", 0, "", "redis://host:6379")]
    public void An_address_has_its_parts(
        string text, string host, int port, bool tls, string? user, string? password, int database, string prefix, string shown)
    {
        var address = StateStoreAddress.Parse(text);
        Assert.Equal((host, port, tls, user), (address.Host, address.Port, address.UsesTls, address.User));
        Assert.Equal((password, database, prefix), (address.Password, address.Database, address.Prefix));
        Assert.Equal(shown, address.ToString());
        Assert.Equal(address, StateStoreAddress.Parse(text));
    }

    [Theory]
    [InlineData(null, "give redis://HOST:PORT")]
    [InlineData("", "give redis://HOST:PORT")]
    [InlineData("localhost", "give redis://HOST:PORT")]
    [InlineData("localhost:6379", "'localhost:6379' is no address of a store: give redis://HOST:PORT")]
    [InlineData("http://localhost", "give redis://HOST:PORT")]
    [InlineData("redis:localhost", "names no host")]
    [InlineData("redis://", "give redis://HOST:PORT")]
    [InlineData("redis://:secret@:6379", "give redis://HOST:PORT")]
    [InlineData("redis://host:0", "its port is 1 to 65535")]
    [InlineData("redis://host:65536", "give redis://HOST:PORT")]
    [InlineData("redis://host/x", "the number of the database")]
    [InlineData("redis://host/-1", "the number of the database")]
    [InlineData("redis://host/0/1", "the number of the database")]
    [InlineData("redis://host?db=1", "it takes prefix=TEXT alone")]
    [InlineData("redis://host?prefix=a&db=1", "it takes prefix=TEXT alone")]
    [InlineData("redis://user:secret@host#x", "'redis://...@host#x' is no address of a store: what follows #")]
    [InlineData("redis://user:sec#ret@host", "...@host")]
    public void Everything_else_is_none_and_is_told_why(string? text, string why)
    {
        Assert.False(StateStoreAddress.TryParse(text, out var address, out var problem));
        Assert.Null(address);
        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("ret@", problem, StringComparison.Ordinal);
        if (text is not null)
            Assert.Equal(problem, Assert.Throws<FormatException>(() => StateStoreAddress.Parse(text)).Message);
    }
}
