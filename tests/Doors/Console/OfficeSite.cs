using System.Net.Http.Json;
using Azure;
using Azure.Data.Tables;

namespace Notary.Pages.Tests;

/// <summary>What tests of the staff's pages do to a site: sign staff in, hold the chain, spoil what is stored and put it right.</summary>
internal static class OfficeSite
{
    /// <summary>One of the staff, signed in. The provider's own pages are another visit's, so that what this one asks for is the site's alone.</summary>
    public static async Task<Person> ComeAsync(this AccountSite site, string account, Look? look = null)
    {
        await using var door = await Person.VisitAsync(site.Url);
        await door.Page.GotoAsync((await site.StaffAsync(account)).ToString());
        await Assertions.Expect(door.Page).ToHaveURLAsync($"{site.Url}office");
        var person = await Person.VisitAsync(site.Url, look);
        await person.Page.Context.AddCookiesAsync((await door.Page.Context.CookiesAsync([site.Url.ToString()])).Select(cookie => new Cookie
        {
            Name = cookie.Name,
            Value = cookie.Value,
            Domain = cookie.Domain,
            Path = cookie.Path,
            HttpOnly = cookie.HttpOnly,
            Secure = cookie.Secure,
            SameSite = cookie.SameSite,
        }));
        return person;
    }

    /// <summary>Blocks each second, or none.</summary>
    public static async Task MineAsync(this AccountSite site, bool mine)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(site.Platform.Anvil.Url,
            new { jsonrpc = "2.0", id = 1, method = "evm_setIntervalMining", @params = new[] { mine ? 1 : 0 } });
        answer.EnsureSuccessStatusCode();
    }

    public static TableClient Table(this AccountSite site, string name) => new(site.Platform.ConnectionString, name);

    /// <summary>The newest checkpoint, once all authorities have stamped it.</summary>
    public static async Task<TableEntity> UntilStampedAsync(this AccountSite site)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (true)
        {
            var rows = await site.Table("checkpoints").QueryAsync<TableEntity>("PartitionKey eq 'checkpoint'", cancellationToken: bound.Token).ToListAsync();
            if (rows is [.., var newest] && newest.GetDateTimeOffset("StampedAt") is not null)
                return newest;

            await Task.Delay(100, bound.Token);
        }
    }

    /// <summary>A page, asked for until it has something.</summary>
    public static async Task UntilAsync(this Person person, string page, string selector)
    {
        for (var tries = 0; ; tries++)
        {
            await person.Visit.GoAsync(page);
            if (await person.Page.Locator(selector).CountAsync() > 0)
                return;

            Assert.IsLessThan(300, tries, await person.Page.Locator("main").InnerTextAsync());
            await Task.Delay(500);
        }
    }

    public static Task SetNoteAsync(this AccountSite site, TableEntity checkpoint, string note)
        => site.Table("checkpoints").UpdateEntityAsync(
            new TableEntity(checkpoint.PartitionKey, checkpoint.RowKey) { ["Note"] = note }, ETag.All, TableUpdateMode.Merge);
}
