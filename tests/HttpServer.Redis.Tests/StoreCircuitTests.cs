using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Redis.Tests;

/// <summary>Who may ask a store that has not answered.</summary>
public sealed class StoreCircuitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StoreCircuit _circuit;

    public StoreCircuitTests() => _circuit = new StoreCircuit(_time);

    [Fact]
    public void Everybody_asks_a_store_that_answers()
    {
        Assert.True(_circuit.TryEnter());
        Assert.True(_circuit.TryEnter());
    }

    [Fact]
    public void Nobody_asks_for_a_moment_and_then_one()
    {
        _circuit.Open();
        Assert.False(_circuit.TryEnter());
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(_circuit.TryEnter());
        Assert.False(_circuit.TryEnter());
        _circuit.Close();
        Assert.True(_circuit.TryEnter());
        Assert.True(_circuit.TryEnter());
    }

    [Fact]
    public void One_that_never_comes_back_is_followed_by_another()
    {
        _circuit.Open();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_circuit.TryEnter());
        _time.Advance(RedisStateStore.Patience);
        Assert.True(_circuit.TryEnter());
        Assert.False(_circuit.TryEnter());
    }
}
