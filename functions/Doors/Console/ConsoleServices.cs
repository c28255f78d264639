using System.Text.Encodings.Web;
using System.Text.Unicode;
using Notary.Pages.Public;

namespace Notary.Pages;

/// <summary>What pages need from the composition.</summary>
public static class ConsoleServices
{
    /// <summary>Registers, and makes nothing before the first page is asked for.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services, Words office)
    {
        services.AddSingleton(new PageOffice(office));
        services.AddSingleton<NewestCheckpoint>();

        // Chinese as itself: the framework's default writes each character in eight.
        return services.AddSingleton(_ => HtmlEncoder.Create(UnicodeRanges.All));
    }
}
