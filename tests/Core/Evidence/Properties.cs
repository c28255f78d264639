using FsCheck;

namespace Notary.Evidence.Tests;

internal static class Properties
{
    public static void QuickCheckThrowOnFailure(this Property property) => Check.QuickThrowOnFailure(property);
}
