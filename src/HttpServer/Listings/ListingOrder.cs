using Http.Server.Files;

namespace Http.Server.Listings;

/// <summary>The orders of a listing. Directories come first in each of them, as they are the way on.</summary>
internal static class ListingOrder
{
    /// <summary>Sorts entries in place.</summary>
    /// <param name="entries">They have different names.</param>
    /// <param name="column">By what; entries alike in it are in the order of their names.</param>
    /// <param name="isDescending">Whether the order is reversed; directories come first in both orders.</param>
    public static void Sort(List<DirectoryEntry> entries, ListingColumn column, bool isDescending)
    {
        entries.Sort((one, other) =>
        {
            if (one.Kind != other.Kind)
                return one.Kind == EntryKind.Directory ? -1 : 1;
            var order = column switch
            {
                // The size of a directory says nothing.
                ListingColumn.Size when one.Kind == EntryKind.File => one.Size.CompareTo(other.Size),
                ListingColumn.Date => one.ModifiedUtc.CompareTo(other.ModifiedUtc),
                ListingColumn.Name => NameOrder.Compare(one.Name, other.Name),
                _ => 0,
            };
            return order != 0 ? (isDescending ? -order : order) : NameOrder.Compare(one.Name, other.Name);
        });
    }
}
