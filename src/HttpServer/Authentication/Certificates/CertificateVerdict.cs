using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Authentication.Certificates;

/// <summary>What is known of a certificate whatever the time is, which is looked at with each request.</summary>
/// <param name="Problem">Why it is refused; null if it is not.</param>
/// <param name="NotBefore">From when on it is valid, and all above it, in UTC.</param>
/// <param name="NotAfter">Until when.</param>
/// <param name="User">The user whom it names; null if there is none.</param>
internal sealed record CertificateVerdict(
    string? Problem, DateTime NotBefore, DateTime NotAfter, HttpUser? User)
{
    /// <summary>It is refused at any time.</summary>
    public static CertificateVerdict Refuse(string problem) => new(problem, default, default, null);

    /// <summary>It is good as long as it and those above it are valid.</summary>
    /// <param name="leaf">The client's certificate.</param>
    /// <param name="chain">It and those above it.</param>
    /// <exception cref="CryptographicException">One of them cannot be read.</exception>
    public static CertificateVerdict Of(X509Certificate2 leaf, IEnumerable<X509Certificate2> chain)
    {
        var (from, to) = (DateTime.MinValue, DateTime.MaxValue);
        foreach (var certificate in chain)
        {
            var (begin, end) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
            (from, to) = (begin > from ? begin : from, end < to ? end : to);
        }

        return new(null, from, to, SubjectUser.Find(leaf));
    }

    /// <summary>Why it is refused at a time, in UTC; null if it is not.</summary>
    public string? FindProblem(DateTime now)
    {
        if (Problem is not null)
            return Problem;
        if (now < NotBefore)
            return "it, or one above it, is not valid yet";
        return now > NotAfter ? "it, or one above it, has expired" : null;
    }
}
