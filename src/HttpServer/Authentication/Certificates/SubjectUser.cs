using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Authentication.Certificates;

/// <summary>
/// The user whom a certificate names: the most specific common name of its subject (RFC 5280, section 4.1.2.6) or, without one,
/// the first of its alternative names (section 4.2.1.6) that is a DNS name, an e-mail address or a principal of Windows.
/// </summary>
internal static class SubjectUser
{
    private const string CommonName = "2.5.4.3";
    private const string AlternativeNames = "2.5.29.17";
    private const string PrincipalName = "1.3.6.1.4.1.311.20.2.3";

    /// <summary>What stands in each line of the log, and in each program's environment, has an end.</summary>
    private const int MaxLength = 256;

    /// <returns>Null if it names none that could be one.</returns>
    public static HttpUser? Find(X509Certificate2 certificate)
    {
        try
        {
            var name = FindCommonName(certificate.SubjectName.RawData)
                ?? (certificate.Extensions[AlternativeNames] is { } names ? FindAlternative(names.RawData) : null);
            return name is { Length: > 0 and <= MaxLength } && !name.Any(char.IsControl) ? new HttpUser(name) : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static string? FindCommonName(byte[] subject)
    {
        string? found = null;
        // From the widest to the most specific.
        for (var names = new AsnReader(subject, AsnEncodingRules.DER).ReadSequence(); names.HasData;)
        {
            for (var set = names.ReadSetOf(skipSortOrderValidation: true); set.HasData;)
            {
                var pair = set.ReadSequence();
                if (pair.ReadObjectIdentifier() == CommonName)
                    found = ReadText(pair);
            }
        }

        return found;
    }

    private static string? FindAlternative(byte[] extension)
    {
        for (var names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence(); names.HasData;)
        {
            var tag = names.PeekTag();
            if (tag is { TagClass: TagClass.ContextSpecific, TagValue: 1 or 2 })
                return names.ReadCharacterString(UniversalTagNumber.IA5String, tag);
            if (tag is { TagClass: TagClass.ContextSpecific, TagValue: 0 })
            {
                var other = names.ReadSequence(tag);
                if (other.ReadObjectIdentifier() == PrincipalName)
                    return ReadText(other.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)));
                continue;
            }

            names.ReadEncodedValue();
        }

        return null;
    }

    private static string? ReadText(AsnReader reader) =>
        reader.PeekTag() is { TagClass: TagClass.Universal } tag && (UniversalTagNumber)tag.TagValue is
            UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String
            or UniversalTagNumber.BMPString or UniversalTagNumber.T61String
            ? reader.ReadCharacterString((UniversalTagNumber)tag.TagValue)
            : null;
}
