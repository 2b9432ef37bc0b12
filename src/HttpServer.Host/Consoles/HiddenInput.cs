using System.Security;

namespace Http.Server.Host.Consoles;

/// <summary>Passwords: typed without an echo, or a line of what standard input is redirected from.</summary>
internal static class HiddenInput
{
    public static SecureString Read()
    {
        var password = new SecureString();
        if (Console.IsInputRedirected)
        {
            foreach (var letter in Console.In.ReadLine() ?? "")
                password.AppendChar(letter);
            return password;
        }

        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace && password.Length > 0)
                password.RemoveAt(password.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                password.AppendChar(key.KeyChar);
        }

        Console.Out.WriteLine();
        return password;
    }
}
