namespace Http.Server.Documentation.Tests.Support;

/// <summary>A block of code in a document, between lines of three backticks.</summary>
/// <param name="Language">The first word behind the opening backticks; it colours the block.</param>
/// <param name="Runs">The second word is <c>runs</c>: renderers do not show it, and a test runs the block.</param>
/// <param name="File">The block is a file of this name, from a word <c>file=NAME</c>; null for other blocks.</param>
/// <param name="Line">The line of the opening backticks, counted from 1.</param>
/// <param name="Text">The lines between.</param>
internal sealed record Fence(string Language, bool Runs, string? File, int Line, string Text);
