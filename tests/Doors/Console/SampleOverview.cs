using Notary.Deposits;
using Notary.Identity.People;
using Notary.Pages.Account;
using Notary.Pages.Depositing;
using Notary.Pages.Keys;

namespace Notary.Pages.Tests;

/// <summary>An overview on which everything is that can be.</summary>
internal static class SampleOverview
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 4, 0, 0, TimeSpan.Zero);

    public static PageResult Page()
    {
        var days = Enumerable.Range(0, 30).Select(i => new DayOfDeposits(new DateOnly(2026, 11, 29).AddDays(-i), i * 7 + 1, i % 3 == 0 ? 0 : 1L << (i + 8)));
        var names = new[] { "合同.pdf", new string('长', 100) + ".pdf", "a-rather-long-name-without-any-blank-in-it-whatsoever-2026-11-29-final-final.pdf" };
        var summary = new DepositSummary(500, true,
            Enum.GetValues<DepositState>().Select((state, i) => (state, i)).ToDictionary(s => s.state, s => s.i == 4 ? 476 : s.i + 1),
            [.. days],
            [
                new LateDeposit(Deposit(names[0], DepositState.Received), Now), new LateDeposit(Deposit(names[1], DepositState.Logged), Now),
                new LateDeposit(Deposit(names[2], DepositState.Timestamped), Now), new LateDeposit(Deposit(names[0], DepositState.Failed), null),
            ],
            [.. names.Select(name => Deposit(name, DepositState.Certified))]);
        var who = new SignedIn("p", "firm", Role.Owner, "欧阳娜娜 Nana Ouyang", "s", Now);
        return PageResult.Of<OverviewPage>(
            (nameof(OverviewPage.Visitor), new Visitor(who, "甲公司", "token", false)),
            (nameof(OverviewPage.Summary), summary),
            (nameof(OverviewPage.EndingKeys), new[] { new KeyLine("0123456789abcdef", "合同系统", true, true, Now, null, Now.AddDays(3), null) }));
    }

    private static DepositView Deposit(string name, DepositState state) => new("01900000-0000-7000-8000-000000000000", state, Now, "file",
        [new ManifestItem(name, 5, "application/pdf", new Dictionary<string, string> { ["sha-256"] = new string('a', 64) })], new Dictionary<string, string>(),
        new string('b', 64), null, null, [], null, "eager", state == DepositState.Certified ? Now : null,
        state == DepositState.Failed ? "token-invalid" : null, []);
}
