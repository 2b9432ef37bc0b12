using Http.Server.Qr;

namespace Http.Server.Tests.Qr;

public sealed class ReedSolomonTests
{
    /// <summary>The example of the standard's annex I, 01234567 in version 1-M.</summary>
    [Fact]
    public void The_standards_example_has_its_corrections() => Assert.Equal(
        "A524D4C1ED36C7872C55", Convert.ToHexString(ReedSolomon.Correct(Convert.FromHexString("10200C566180EC11EC11EC11EC11EC11"), 10)));

    /// <summary>Annex A: x^7 + a^87 x^6 + a^229 x^5 + a^146 x^4 + a^149 x^3 + a^238 x^2 + a^102 x + a^21, and that of degree 10.</summary>
    [Theory]
    [InlineData(7, "87 229 146 149 238 102 21")]
    [InlineData(10, "251 67 46 61 118 70 64 94 32 45")]
    [InlineData(13, "74 152 176 100 86 100 106 104 130 218 206 140 78")]
    public void Generators_are_the_standards(int degree, string exponents) => Assert.Equal(
        exponents, string.Join(' ', ReedSolomon.MakeGenerator(degree).Select(LogarithmOf)));

    [Fact]
    public void Data_with_its_corrections_is_divisible_by_the_generator()
    {
        byte[] data = [.. Enumerable.Range(1, 40).Select(static value => (byte)(value * 37))];
        Assert.All(ReedSolomon.Correct([.. data, .. ReedSolomon.Correct(data, 28)], 28), static value => Assert.Equal(0, value));
    }

    private static int LogarithmOf(byte value)
    {
        byte power = 1;
        for (var exponent = 0; ; exponent++, power = ReedSolomon.Multiply(power, 2))
        {
            if (power == value)
                return exponent;
        }
    }
}
