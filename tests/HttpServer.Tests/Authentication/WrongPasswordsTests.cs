using System.Net;
using Http.Server.Authentication;

namespace Http.Server.Tests.Authentication;

/// <summary>Guesses of one client at one user become slower, and those of others do not.</summary>
public sealed class WrongPasswordsTests
{
    private static readonly ClientNetwork Home = ClientNetwork.Of(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1));

    private static readonly ClientNetwork Elsewhere = ClientNetwork.Of(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 1));

    private readonly WrongPasswords _passwords = new();

    [Fact]
    public void Each_wait_is_twice_the_one_before_up_to_a_minute()
    {
        var waits = Enumerable.Range(0, 60).Select(_ => _passwords.Add(Home, "anna", 0).TotalSeconds);
        Assert.Equal([0, 0, 0, 1, 2, 4, 8, 16, 32, .. Enumerable.Repeat(60.0, 51)], waits);
    }

    [Fact]
    public void The_wait_passes_and_the_next_is_longer()
    {
        Guess(5, 1000);
        Assert.Equal(2, _passwords.FindWait(Home, "anna", 1000).TotalSeconds);
        Assert.Equal(0.5, _passwords.FindWait(Home, "anna", 2500).TotalSeconds);
        Assert.Equal(0, _passwords.FindWait(Home, "anna", 3000).TotalSeconds);
        Assert.Equal(4, _passwords.Add(Home, "anna", 3000).TotalSeconds);
    }

    [Fact]
    public void Others_wait_for_nothing()
    {
        Guess(20, 0);
        Assert.NotEqual(TimeSpan.Zero, _passwords.FindWait(Home, "anna", 0));
        Assert.Equal(TimeSpan.Zero, _passwords.FindWait(Elsewhere, "anna", 0));
        Assert.Equal(TimeSpan.Zero, _passwords.FindWait(Home, "ben", 0));
    }

    [Fact]
    public void A_right_password_and_a_quarter_of_an_hour_forget()
    {
        Guess(6, 0);
        _passwords.Forget(Home, "anna", 5000);
        Assert.Equal(TimeSpan.Zero, _passwords.FindWait(Home, "anna", 5000));
        Assert.Equal(TimeSpan.Zero, _passwords.Add(Home, "anna", 5000));
        Guess(6, 5000);
        Assert.Equal(TimeSpan.Zero, _passwords.Add(Home, "anna", 5000 + (15 * 60_000)));
    }

    [Fact]
    public void Many_users_that_are_guessed_do_not_make_room_for_one()
    {
        Guess(20, 0);
        for (var number = 0; number < 100_000; number++)
            _passwords.Add(Home, $"user{number}", -1);
        Assert.NotEqual(TimeSpan.Zero, _passwords.FindWait(Home, "anna", 0));
    }

    private void Guess(int count, long now)
    {
        for (var guess = 0; guess < count; guess++)
            _passwords.Add(Home, "anna", now);
    }
}
