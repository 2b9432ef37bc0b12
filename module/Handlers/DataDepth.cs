using System.Collections;
using System.Management.Automation;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// How deep plain data goes: tables, lists, custom objects, and objects of PowerShell classes. An object of .NET is its end. Data that
/// contains itself, children that know their parents say, goes to where it first comes again: written any deeper it would multiply.
/// </summary>
internal sealed class DataDepth
{
    private readonly HashSet<object> _above = new(ReferenceEqualityComparer.Instance);
    private readonly int _most;
    private int _circle = int.MaxValue;

    private DataDepth(int most) => _most = most;

    /// <summary>Measures a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="most">The depth at which nobody looks further.</param>
    public static int Of(object? value, int most)
    {
        var depth = new DataDepth(most);
        return Math.Min(depth.Measure(value, 0), depth._circle);
    }

    private int Measure(object? value, int level)
    {
        if (value is null or string || level >= Math.Min(_most, _circle))
            return level;
        var wrapped = value as PSObject;
        var bare = wrapped?.BaseObject ?? value;
        // All custom objects have the same one inside.
        var self = bare is PSCustomObject ? wrapped! : bare;
        var items = ItemsOf(bare, self);
        if (items is null)
            return level;
        if (!_above.Add(self))
        {
            _circle = Math.Min(_circle, level - 1);
            return level;
        }

        var deepest = level;
        foreach (var item in items)
            deepest = Math.Max(deepest, Measure(item, level + 1));
        _above.Remove(self);
        return deepest;
    }

    /// <summary>What a value contains; null if it is no plain data.</summary>
    private static IEnumerable? ItemsOf(object bare, object self) => bare switch
    {
        string => null,
        IDictionary table => table.Values,
        IList list => list,
        _ when bare is PSCustomObject || bare.GetType().Assembly.IsDynamic => PSObject.AsPSObject(self).Properties.Select(ValueOf),
        _ => null,
    };

    private static object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException)
        {
            return null;
        }
    }
}
