namespace Http.Server.Files;

/// <summary>
/// The order of names that people expect: case disregarded, and numbers by their value, so that 2 comes before
/// 10.
/// </summary>
internal static class NameOrder
{
    /// <summary>Compares two names; 0 for the same name alone.</summary>
    public static int Compare(string one, string other)
    {
        var (at, otherAt) = (0, 0);
        while (at < one.Length && otherAt < other.Length)
        {
            var (character, otherCharacter) = (one[at], other[otherAt]);
            int order;
            if (char.IsAsciiDigit(character) && char.IsAsciiDigit(otherCharacter))
            {
                var number = TakeNumber(one, ref at);
                var otherNumber = TakeNumber(other, ref otherAt);
                // Without leading zeros the longer number is the larger one.
                order = number.Length != otherNumber.Length
                    ? number.Length - otherNumber.Length
                    : number.SequenceCompareTo(otherNumber);
            }
            else
            {
                order = char.ToUpperInvariant(character) - char.ToUpperInvariant(otherCharacter);
                at++;
                otherAt++;
            }

            if (order != 0)
                return order;
        }

        var rest = (one.Length - at) - (other.Length - otherAt);
        return rest != 0 ? rest : string.CompareOrdinal(one, other);
    }

    private static ReadOnlySpan<char> TakeNumber(string name, ref int at)
    {
        var start = at;
        while (at < name.Length && char.IsAsciiDigit(name[at]))
            at++;
        return name.AsSpan(start, at - start).TrimStart('0');
    }
}
