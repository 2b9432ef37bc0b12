using Http.Server.Requests;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Requests;

public sealed class VerbTableTests
{
    [Fact]
    public void A_class_is_looked_at_once() => Assert.Same(VerbTable<BaseHttpRequestHandler>.Of(typeof(Derived)), VerbTable<BaseHttpRequestHandler>.Of(typeof(Derived)));

    [Fact]
    public void Verbs_are_those_of_the_class_and_its_bases_in_upper_case_and_sorted() =>
        Assert.Equal(["BASE", "GET", "LATER", "OWN"], VerbTable<BaseHttpRequestHandler>.Of(typeof(Derived)).Verbs);

    [Fact]
    public void Verbs_are_case_sensitive_though_the_names_of_methods_are_not()
    {
        var methods = VerbTable<BaseHttpRequestHandler>.Of(typeof(Derived));
        Assert.NotNull(methods.Find("OWN"));
        Assert.Null(methods.Find("own"));
        Assert.Null(methods.Find("Own"));
        Assert.Null(methods.Find(""));
    }

    [Theory]
    [InlineData("GET", "derived")]
    [InlineData("BASE", "base")]
    [InlineData("LATER", "overridden")]
    [InlineData("OWN", "own")]
    public async Task The_method_of_the_most_derived_class_is_called(string verb, string expected)
    {
        var answer = await Conversation.AskAsync(new Derived(), $"{verb} / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.EndsWith("\r\n\r\n" + expected, answer);
    }

    [Fact]
    public void A_known_verb_is_one_string_and_any_other_is_read()
    {
        var methods = VerbTable<BaseHttpRequestHandler>.Of(typeof(Derived));
        Assert.Same(methods.NameOf("GET"u8), methods.NameOf("GET"u8));
        Assert.Same(methods.NameOf("OWN"u8), methods.NameOf("OWN"u8));
        Assert.Equal("SPAM", methods.NameOf("SPAM"u8));
    }

    [Theory]
    [InlineData(typeof(Derived), false, false, false)]
    [InlineData(typeof(Simple), false, false, false)]
    [InlineData(typeof(LogsMessages), true, false, false)]
    [InlineData(typeof(LogsErrors), true, false, false)]
    [InlineData(typeof(DerivedFromLogs), true, false, false)]
    [InlineData(typeof(Translates), false, true, false)]
    [InlineData(typeof(Guesses), false, false, true)]
    public void Overrides_that_change_the_way_are_known(Type type, bool logs, bool translates, bool guesses)
    {
        var methods = VerbTable<BaseHttpRequestHandler>.Of(type);
        Assert.Equal((logs, translates, guesses), (methods.Overrides("LogMessage") || methods.Overrides("LogError"), methods.Overrides("TranslatePath"), methods.Overrides("GuessType")));
    }

    /// <summary>The library tells the methods of its own classes; they are looked for in a class that adds nothing.</summary>
    [Fact]
    public async Task What_the_library_tells_of_its_own_classes_is_what_would_be_found()
    {
        await AssertSameAsync(static () => new SimpleHttpRequestHandler(), static () => new Simple(), ["GET", "HEAD", "OPTIONS"]);
        await AssertSameAsync(static () => new CgiHttpRequestHandler(), static () => new Cgi(), ["GET", "HEAD", "OPTIONS", "POST"]);
    }

    private static async Task AssertSameAsync(Func<SimpleHttpRequestHandler> createTold, Func<SimpleHttpRequestHandler> createFound, string[] verbs)
    {
        var (told, found) = (createTold().Methods, createFound().Methods);
        Assert.NotSame(told, found);
        Assert.Equal(verbs, told.Verbs);
        Assert.Equal(verbs, found.Verbs);
        Assert.Equal(
            (found.Overrides("LogMessage"), found.Overrides("TranslatePath"), found.Overrides("ListDirectory"), found.Overrides("GuessType")),
            (told.Overrides("LogMessage"), told.Overrides("TranslatePath"), told.Overrides("ListDirectory"), told.Overrides("GuessType")));
        foreach (var verb in verbs)
        {
            var request = $"{verb} /no/such HTTP/1.1\r\nHost: test\r\n\r\n";
            var expected = await Conversation.AskAsync(createFound(), request);
            var answer = await Conversation.AskAsync(createTold(), request);
            Assert.Equal(expected.Split("\r\n")[0], answer.Split("\r\n")[0]);
        }
    }

    [Fact]
    public void A_program_that_searches_no_classes_knows_those_of_the_library()
    {
        Assert.Equal(["GET", "HEAD", "OPTIONS"], VerbTable<BaseHttpRequestHandler>.Registered(new SimpleHttpRequestHandler()).Verbs);
        Assert.Equal(["GET", "HEAD", "OPTIONS", "POST"], VerbTable<BaseHttpRequestHandler>.Registered(new CgiHttpRequestHandler()).Verbs);
        var problem = Assert.Throws<InvalidOperationException>(() => VerbTable<BaseHttpRequestHandler>.Registered(new object()));
        Assert.Equal("The methods of Object are not known: this program is built not to search classes for them.", problem.Message);
    }

    private class Base : BaseHttpRequestHandler
    {
        public void DoGet() => SendText("hidden");

        public void DoBase() => SendText("base");

        public virtual Task DoLater() => Task.CompletedTask;
    }

    private sealed class Derived : Base
    {
        public new ValueTask DoGet()
        {
            SendText("derived");
            return default;
        }

        public override Task DoLater()
        {
            SendText("overridden");
            return Task.CompletedTask;
        }

        public void doOwn() => SendText("own");

        public void Do() => SendText("no verb");

        public void DoGeneric<T>() => SendText(typeof(T).Name);
    }

    private class LogsMessages : BaseHttpRequestHandler
    {
        public override void LogMessage(string format, params object?[] args)
        {
        }
    }

    private sealed class DerivedFromLogs : LogsMessages;

    private sealed class LogsErrors : BaseHttpRequestHandler
    {
        public override void LogError(string format, params object?[] args)
        {
        }
    }

    private sealed class Simple : SimpleHttpRequestHandler;

    private sealed class Cgi : CgiHttpRequestHandler;

    private sealed class Translates : SimpleHttpRequestHandler
    {
        protected override string? TranslatePath(string path) => null;
    }

    private sealed class Guesses : SimpleHttpRequestHandler
    {
        protected override string GuessType(string path) => "text/x";
    }
}
