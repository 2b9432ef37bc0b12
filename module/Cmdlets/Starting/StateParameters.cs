using System.Management.Automation;
using Http.Server.PowerShell.State;
using Http.Server.State;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The parameter that says which store a server shares with others.</summary>
internal sealed class StateParameters
{
    private StateStoreAddress? _address;

    public string? StateStore { get; set; }

    /// <summary>Looks at the address, before anything is done.</summary>
    /// <param name="fail">Ends the cmdlet with an error: its message, its id, its category and what it is about.</param>
    public void Check(Action<string, string, ErrorCategory, object?> fail)
    {
        // The error does not tell the address, which may have a password.
        if (StateStore is not null && !StateStoreAddress.TryParse(StateStore, out _address, out var problem))
            fail($"-StateStore: {problem}", "StateStoreInvalid", ErrorCategory.InvalidArgument, null);
    }

    /// <summary>Opens the store: the one that was asked for, or one in memory.</summary>
    /// <param name="warn">Is told if the store is away: the server starts without it.</param>
    /// <param name="fail">Ends the cmdlet with an error.</param>
    public IHttpStateStore Open(Action<string> warn, Action<string, string, ErrorCategory, object?> fail)
    {
        if (_address is null)
            return new MemoryStateStore();
        try
        {
            var store = SharedStores.Open(_address);
            // Any question tells whether it is there.
            store.GetAsync("start").AsTask().GetAwaiter().GetResult();
            return store;
        }
        catch (HttpStateStoreException exception)
        {
            warn(exception.Message);
            return SharedStores.Open(_address);
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException)
        {
            fail($"The module is not whole: {exception.Message} Install it again.", "StateStoreMissing",
                ErrorCategory.NotInstalled, null);
            throw;
        }
    }
}
