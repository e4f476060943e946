namespace LlmScheduling.Tool;

/// <summary>How the report looks: light and dark, one column on a phone, no network.</summary>
internal static class ReportStyle
{
    /// <summary>The whole style sheet.</summary>
    public const string Sheet =
        """
        :root{color-scheme:light dark;--bg:#fff;--fg:#1c2126;--soft:#59636e;--grid:#d9dee3;--card:#f5f7f9;
        --c0:#0072b2;--c1:#c85200;--c2:#007a58;--c3:#a8488a;--c4:#8a6800;--c5:#3b87b8;--c6:#3a3f45;--c7:#7a4fbf;
        --wait:#8a939c;--prefill:#d55e00;--decode:#0072b2;--bad:#a8488a}
        @media(prefers-color-scheme:dark){:root{--bg:#14181c;--fg:#e6eaee;--soft:#a3adb8;--grid:#333b44;--card:#1d2329;
        --c0:#56b4e9;--c1:#ff8f45;--c2:#35c79f;--c3:#e9a0cd;--c4:#e3b23c;--c5:#9fd2ef;--c6:#d5dade;--c7:#b99cf0;
        --wait:#8a949e;--prefill:#ff8f45;--decode:#56b4e9;--bad:#e9a0cd}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:16px;max-width:1240px;background:var(--bg);color:var(--fg);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        h1,figcaption,tbody th,.legend li{overflow-wrap:anywhere}
        h1{font-size:1.5rem;margin:.2em 0}h2{font-size:1.2rem;margin:1.6em 0 .3em}h3{font-size:1rem;margin:1.2em 0 .2em}
        p{margin:.3em 0;max-width:75ch}.note{color:var(--soft);font-size:.9rem}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:12px}
        figure{margin:0;padding:10px 8px 4px;background:var(--card);border-radius:8px;min-width:0}
        figcaption{font-weight:600;font-size:.92rem;padding:0 4px 4px}
        svg{display:block;width:100%;height:auto}
        svg text{font-size:11px;fill:var(--soft)}.tm{text-anchor:middle}.te{text-anchor:end}
        .g{stroke:var(--grid);stroke-width:.7}.s{fill:none;stroke-width:1.9;stroke-linejoin:round}
        .wait-area{fill:var(--wait);fill-opacity:.8}.run-area{fill:var(--decode);fill-opacity:.75}
        .wait,.prefill,.decode,.unserved{fill:none}.wait{stroke:var(--wait)}.prefill{stroke:var(--prefill)}.decode{stroke:var(--decode)}.unserved{stroke:var(--bad);stroke-width:1.2}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;padding:0;margin:.5em 0;font-size:.92rem}
        .legend li{display:flex;align-items:center;gap:7px}.legend svg{flex:none;width:34px}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
        th,td{padding:5px 6px;text-align:right;border-bottom:1px solid var(--grid)}td{white-space:nowrap}
        thead th{color:var(--soft);font-weight:600;vertical-align:bottom}th:first-child{text-align:left}
        @media(max-width:760px){thead{display:none}tbody,tbody tr{display:block}tbody tr{display:grid;grid-template-columns:1fr 1fr;gap:0 22px;background:var(--card);border-radius:8px;padding:8px 10px;margin:10px 0}
        tbody th{grid-column:1/-1;border:0;padding:0 0 4px}tbody td{display:flex;justify-content:space-between;border:0;padding:1px 0}
        tbody td::before{content:attr(data-label);color:var(--soft)}}
        """;
}
