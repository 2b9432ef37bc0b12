using System.Runtime.CompilerServices;
using Http.Server.Tests.Support;
using PublicApiGenerator;

namespace Http.Server.Tests;

/// <summary>What users of the library may rely on is written down: a change of it is meant, and seen in review.</summary>
public sealed class PublicSurfaceTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one()
    {
        var approved = Path.Combine(Repository.Root, "tests", "HttpServer.Tests", "PublicSurface.approved.txt");
        var received = Path.ChangeExtension(approved, null)[..^".approved".Length] + ".received.txt";
        var surface = typeof(HttpServer).Assembly.GeneratePublicApi(new ApiGeneratorOptions
        {
            IncludeAssemblyAttributes = false,
            ExcludeAttributes = [typeof(AsyncMethodBuilderAttribute).FullName!],
        }).ReplaceLineEndings("\n") + "\n";
        var expected = File.Exists(approved) ? File.ReadAllText(approved).ReplaceLineEndings("\n") : "";
        if (surface == expected)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, surface);
        Assert.Fail($"""
            The public surface has changed:
            {Compare(expected.Split('\n'), surface.Split('\n'))}
            If that is meant, approve it:
            mv {received} {approved}
            """);
    }

    [Theory]
    [InlineData("a b c", "a b c", "")]
    [InlineData("a b c", "a c", "- b")]
    [InlineData("a c", "a b c", "+ b")]
    [InlineData("a b c", "a x c y", "- b|+ x|+ y")]
    public void The_difference_is_shown_line_by_line(string expected, string actual, string difference) =>
        Assert.Equal(difference, Compare(expected.Split(' '), actual.Split(' ')).Replace('\n', '|'));

    /// <summary>The lines that only one side has, by their longest common subsequence.</summary>
    private static string Compare(string[] expected, string[] actual)
    {
        var common = new int[expected.Length + 1, actual.Length + 1];
        for (var i = expected.Length - 1; i >= 0; i--)
        {
            for (var j = actual.Length - 1; j >= 0; j--)
                common[i, j] = expected[i] == actual[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var lines = new List<string>();
        for (int i = 0, j = 0; i < expected.Length || j < actual.Length;)
        {
            if (i < expected.Length && j < actual.Length && expected[i] == actual[j])
            {
                i++;
                j++;
            }
            else if (j == actual.Length || (i < expected.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add("- " + expected[i++].Trim());
            }
            else
            {
                lines.Add("+ " + actual[j++].Trim());
            }
        }

        return string.Join('\n', lines);
    }
}
