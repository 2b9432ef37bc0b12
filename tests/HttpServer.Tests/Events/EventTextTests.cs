using System.Text;
using Http.Server.Events;

namespace Http.Server.Tests.Events;

/// <summary>What an event looks like on the wire.</summary>
public sealed class EventTextTests
{
    [Theory]
    [InlineData("a", null, "id: 1\ndata: a\n\n")]
    [InlineData("a", "job", "id: 1\nevent: job\ndata: a\n\n")]
    [InlineData("", null, "id: 1\ndata: \n\n")]
    [InlineData("a\nb\r\nc\rd", null, "id: 1\ndata: a\ndata: b\ndata: c\ndata: d\n\n")]
    [InlineData("a\n", null, "id: 1\ndata: a\ndata: \n\n")]
    [InlineData("x\n\nevent: forged", null, "id: 1\ndata: x\ndata: \ndata: event: forged\n\n")]
    public void An_event_is_lines(string data, string? name, string expected)
    {
        var text = EventText.Write(data, name, "1");
        Assert.Equal(expected, Encoding.UTF8.GetString(text));
        Assert.Equal("1", EventText.FindId(text));
    }

    [Theory]
    [InlineData("a\nb", "1")]
    [InlineData("a\0", "1")]
    [InlineData("", "1")]
    [InlineData(null, "")]
    [InlineData(null, "a b")]
    [InlineData(null, "a\ndata: forged")]
    [InlineData(null, "\u00e9")]
    public void A_name_or_an_id_that_would_be_something_else_is_refused(string? name, string id) =>
        Assert.Throws<ArgumentException>(() => EventText.Write("x", name, id));

    [Theory]
    [InlineData("")]
    [InlineData("id: \n\n")]
    [InlineData("data: x\n\n")]
    [InlineData("id: 1\ndata: x\n")]
    public void What_is_no_event_of_another_process_has_no_id(string text) => Assert.Null(EventText.FindId(Encoding.UTF8.GetBytes(text)));
}
