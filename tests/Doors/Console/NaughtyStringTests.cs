namespace Notary.Pages.Tests;

/// <summary>Texts that break programs, in every field that takes one: no script runs, nothing is built into a page that is not ours, nothing fails.</summary>
[TestClass]
public sealed class NaughtyStringTests
{
    private const int AtLeast = 515;

    /// <summary>Every query of a page: its path, and the parameter that a text goes into.</summary>
    private static readonly string[][] Queries =
    [
        ["/deposits", "text"], ["/deposits", "digest"], ["/deposits", "since"], ["/deposits", "until"], ["/deposits", "continuation"], ["/deposits", "lang"],
        ["/deposits", "chain"], ["/keys", "continuation"], ["/deposits/new", "previous"], ["/verify", "node"],
        ["/verify", "digest"], ["/verify", "index"], ["/sign-in", "return"],
    ];

    /// <summary>Likewise of the staff's pages.</summary>
    private static readonly string[][] StaffQueries =
    [
        ["/office", "q"], ["/office/processes", "kind"], ["/office/processes", "state"], ["/office/processes", "continuation"],
        ["/office/processes", "index"], ["/office/trail", "person"], ["/office/trail", "day"], ["/office/trail", "before"], ["/office/trail/export", "day"],
    ];

    private static readonly string[] StaffPaths = ["/office/deposits/firm/", "/office/processes/checkpoint/", "/office/"];

    /// <summary>Every path that ends with something from outside.</summary>
    private static readonly string[] Paths = ["/deposits/", "/verify/", "/invitation/", "/documents/", "/assets/", "/"];

    // A field of a form, and where what it takes is seen afterwards.
    private const string Form =
        """
        async ([path, name, seen, more], text, last) => {
          const token = document.querySelector('[name=antiforgery]').value;
          const rest = JSON.parse(more.replace('$n', window.n = (window.n ?? 0) + 1));
          const body = new URLSearchParams([['antiforgery', token], [name, text.toWellFormed()], ...rest]);
          const wrong = await judge(path, { method: 'POST', body });
          // A list keeps what came before; the name of one thing is gone with the next.
          return seen && (last || window.n % 16 === 0 || seen === '/account') ? [...wrong, ...await judge(seen, {})] : wrong;
        }
        """;

    private static AccountSite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    // Looks at pages as the browser's parser makes them: what is there besides what we build them of, and whether a field still says what it was told.
    private const string Judge =
        """
        window.judge = async (url, options, field, text) => {
          const answer = await fetch(url, { redirect: 'manual', ...options, headers: { accept: 'text/html', ...options?.headers } });
          if (answer.type === 'opaqueredirect') return [];
          const says = await answer.text(), wrong = [];
          if (answer.status >= 500) wrong.push(`status ${answer.status}`);
          if (!answer.headers.get('content-type')?.startsWith('text/html')) return wrong;
          const page = new DOMParser().parseFromString(says, 'text/html');
          for (const element of page.querySelectorAll('*')) {
            const name = element.localName;
            if (['iframe', 'object', 'embed', 'base', 'style', 'math', 'xmp', 'plaintext', 'img'].includes(name)) wrong.push(`element ${name}`);
            if (name === 'script' && !element.getAttribute('src')?.startsWith('/assets/')) wrong.push('a script that is not ours');
            if (name === 'meta' && element.httpEquiv) wrong.push('meta http-equiv');
            for (const { name: attribute, value } of element.attributes) {
              if (attribute.startsWith('on') || attribute === 'style' || attribute === 'srcdoc') wrong.push(`attribute ${attribute}`);
              const leads = ['href', 'src', 'action', 'formaction'].includes(attribute);
              if (leads && new URL(value, location).origin !== location.origin) wrong.push(`leads to ${value}`);
            }
          }

          // HTML has no way to write a control character: &#x80; is a euro sign.
          const input = field && answer.status < 400 && !/[\0-\x1f\x7f-\x9f]/.test(text) && page.querySelector(`[name="${field}"]`);
          const cut = input?.maxLength > 0 && text.length > input.maxLength; // as the field itself would have cut it, perhaps within a character
          const same = input && (cut ? text.startsWith(input.value.slice(0, -1)) : input.value.trim() === text.trim());
          if (input && input.value.trim() !== '' && !same) wrong.push(`the field says ${input.value}`);
          if (window.naughty !== undefined) wrong.push('a script ran');
          return wrong;
        };
        """;

    [TestMethod]
    public async Task InQueriesAndPaths()
    {
        await using var person = await OwnerAsync();
        Assert.IsGreaterThanOrEqualTo(AtLeast, NaughtyStrings.All.Count);
        await InQueriesAndPathsAsync(person, Queries, Paths);
    }

    [TestMethod]
    public async Task InTheStaffsQueriesAndPaths()
    {
        await using var auditor = await site.ComeAsync("operator");
        await auditor.Visit.GoAsync("/account");
        await InQueriesAndPathsAsync(auditor, StaffQueries, StaffPaths);
    }

    private static async Task InQueriesAndPathsAsync(Person person, string[][] queries, string[] paths)
    {
        foreach (var query in queries)
        {
            await JudgeAsync(person, query[0] + "?" + query[1],
                "([path, name], text) => judge(`${path}?${name}=${encodeURIComponent(text.toWellFormed())}`, {}, name, text)", query);
        }

        foreach (var path in paths)
            await JudgeAsync(person, path, "([path], text) => judge(path + encodeURIComponent(text.toWellFormed()), {})", [path]);

        Assert.AreEqual("", string.Join('\n', person.Visit.Findings));
    }

    [TestMethod]
    public async Task InFormsAndOnPages()
    {
        await using var person = await OwnerAsync();
        await person.Visit.GoAsync("/account");
        var passkey = await person.Page.Locator("form[action$='/name']").First.GetAttributeAsync("action");
        await JudgeAsync(person, "a passkey's name", Form, [passkey!, "name", "/account", "[]"]);
        await JudgeAsync(person, "an invitation's address", Form, ["/members/invitations", "address", "/members", """[["role","viewer"]]"""]);
        await JudgeAsync(person, "a key's label", Form, ["/keys", "label", "/keys", """[["scopes","read"],["days","0"],["once","a$n"]]"""]);
        await JudgeAsync(person, "a key's once", Form, ["/keys", "once", "/keys", """[["scopes","read"],["days","0"],["label","a"]]"""]);
        await JudgeAsync(person, "an application's name", Form,
            ["/clients", "name", "/clients", """[["purpose","a"],["scope-openid","on"],["redirects","https://a.example/b"],["once","a$n"]]"""]);
        await JudgeAsync(person, "an application's purpose", Form,
            ["/clients", "purpose", "/clients", """[["name","a"],["scope-openid","on"],["redirects","https://a.example/b"],["once","b$n"]]"""]);
        await JudgeAsync(person, "an application's address", Form,
            ["/clients", "redirects", "/clients", """[["name","a"],["purpose","a"],["scope-openid","on"],["once","c$n"]]"""]);

        // What an application sends along is carried by the consent's form.
        await person.Visit.GoAsync("/clients");
        var client = (await person.Page.Locator("form[action^='/clients/']").First.GetAttributeAsync("action"))!.Split('/')[2];
        await person.Visit.GoAsync("/account");
        await JudgeAsync(person, "what a consent carries", """
            ([client], text) => judge('/connect/authorize?' + new URLSearchParams({
              client_id: client, response_type: 'code', redirect_uri: 'https://a.example/b', scope: 'openid', code_challenge_method: 'S256',
              code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', state: text.toWellFormed() }), {}, 'state', text)
            """, [client]);
        await JudgeAsync(person, "a setting", Form, ["/settings", "what", "/settings", "[]"]);

        // Deposits by the pages' own way: as name, media type and note; seen on their page, and in the list.
        await person.Visit.GoAsync("/deposits/new");
        await JudgeAsync(person, "a deposit", """
            async (_, text) => {
              const digest = [...crypto.getRandomValues(new Uint8Array(32))].map(b => b.toString(16).padStart(2, '0')).join('');
              const make = item => fetch('/v1/deposits', {
                method: 'POST',
                headers: { 'content-type': 'application/json', 'x-antiforgery': document.querySelector('[data-antiforgery]').dataset.antiforgery },
                body: JSON.stringify({ items: [{ size: 1, digests: { 'sha-256': digest }, ...item.item }], notes: item.notes, letter: 'onRequest' }),
              });
              const wrong = [];
              const hand = async item => {
                const answer = await make(item);
                if (answer.status >= 500) wrong.push(`deposit: status ${answer.status}`);
                if (answer.status === 201) wrong.push(...await judge('/deposits/' + (await answer.json()).id, {}));
                return answer.status === 201;
              };
              await hand({ item: { mediaType: text } });
              // What one of them is refused for does not keep the others out.
              if (!await hand({ item: { name: text }, notes: { note: text, [text]: 'x' } }))
                for (const item of [{ item: { name: text } }, { notes: { note: text } }, { notes: { [text]: 'x' } }]) await hand(item);
              return wrong;
            }
            """, []);
        var seen = 0;
        await person.Visit.GoAsync("/deposits");
        for (; ; seen++)
        {
            Assert.AreEqual("", string.Join('\n', await person.Page.EvaluateAsync<string[]>($"async () => {{ {Judge} return judge(location.href, {{}}); }}")));
            if (await person.Page.Locator("a[rel=next]").CountAsync() == 0)
                break;

            await person.Page.Locator("a[rel=next]").ClickAsync();
        }

        Assert.IsGreaterThan(10, seen);
        Assert.AreEqual("", string.Join('\n', person.Visit.Findings));
    }

    [TestMethod]
    public async Task InTheStaffsForms()
    {
        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", site.Key);
        using var body = new StringContent("a process to mend");
        using var made = await http.PostAsync(new Uri("v1/deposits/file?name=a.txt", UriKind.Relative), body);
        made.EnsureSuccessStatusCode();
        await using var staff = await site.ComeAsync("operator");
        await staff.UntilAsync("/office/processes?kind=checkpoint&state=completed", "main a[href^='/office/processes/checkpoint/']");
        var process = await staff.Page.Locator("main a[href^='/office/processes/checkpoint/']").First.GetAttributeAsync("href");

        // A page that may fetch.
        await staff.Visit.GoAsync("/account");
        await JudgeAsync(staff, "a tenant's name", Form, ["/office/tenants", "name", "", """[["id",""],["once","a$n"]]"""]);
        await JudgeAsync(staff, "a tenant's id", Form, ["/office/tenants", "id", "", """[["name","a"],["once","b$n"]]"""]);
        await JudgeAsync(staff, "an owner's address", Form, ["/office/tenants/firm/invitations", "address", "", """[["once","c$n"]]"""]);
        await JudgeAsync(staff, "a key's label", Form, ["/office/tenants/firm/keys", "label", "", """[["scopes","read"],["days","0"],["once","d$n"]]"""]);
        await JudgeAsync(staff, "a reason", Form, [$"{process}/resume", "reason", "", """[["key","e$n"]]"""]);
        await JudgeAsync(staff, "a form's key", Form, [$"{process}/resume", "key", "", """[["reason","a"]]"""]);
        foreach (var seen in (string[])["/office/tenants", "/office/tenants/firm", process!, "/office/trail"])
        {
            var wrong = await staff.Page.EvaluateAsync<string[]>($"async url => {{ {Judge} return judge(url, {{}}); }}", seen);
            Assert.AreEqual("", string.Join('\n', wrong), seen);
        }

        Assert.AreEqual("", string.Join('\n', staff.Visit.Findings));
    }

    private static async Task<Person> OwnerAsync()
    {
        var person = await Person.VisitAsync(site.Url);
        await person.JoinAsync(await site.InviteAsync(), "\"><script>window.naughty=1</script>");
        await person.Visit.GoAsync("/deposits");
        return person;
    }

    private static async Task JudgeAsync(Person person, string where, string judge, string[] with)
    {
        var wrong = await person.Page.EvaluateAsync<string[]>($$"""
            async ([texts, parameters]) => {
              {{Judge}}
              const one = {{judge}}, found = [];
              for (const text of texts) {
                const wrong = await one(parameters, text, text === texts.at(-1)).catch(failure => [failure]);
                for (const what of wrong) found.push(`${JSON.stringify(text).slice(0, 80)}: ${what}`);
              }
              return found;
            }
            """, new object[] { NaughtyStrings.All, with });
        Assert.AreEqual("", string.Join('\n', wrong.Take(20)), where);
    }
}
