/** Style of the report: system fonts, contrast at least 7:1 on the answer, readable in print and at 320 px. */
export const REPORT_STYLE = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:#0b0c0c;background:#fff}
main,header,footer{max-width:72rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.25rem}
header p{margin:0;color:#383f43}
h1{font-size:1.6rem;margin:.25rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.35rem;margin:2.25rem 0 .5rem;border-bottom:2px solid #0b0c0c;padding-bottom:.15rem}
h3{font-size:1.05rem;margin:1.25rem 0 .35rem}
.answer{border:4px solid;padding:1rem 1.25rem;margin:0 0 1rem}
.answer .word{font-size:clamp(1.9rem,5vw,3rem);line-height:1.15;font-weight:700;margin:0;padding:0;border:0}
.answer .lead{font-size:1.2rem;font-weight:600;overflow-wrap:anywhere}
.answer li,.answer p{overflow-wrap:anywhere}.answer ul{padding-left:1.25rem}
.answer p,.answer ul{margin:.4rem 0 0}
.known-material-found{background:#7d0f0f;border-color:#7d0f0f;color:#fff}
.needs-examination{background:#ffdd00;border-color:#0b0c0c;color:#0b0c0c}
.nothing-known-found{background:#00492d;border-color:#00492d;color:#fff}
.not-finished{background:#eceff0;border-color:#4f5a60;color:#0b0c0c}
dl.facts{display:grid;grid-template-columns:minmax(9rem,15rem) 1fr;gap:.15rem 1rem;margin:.5rem 0}
dl.facts dt{font-weight:600}dl.facts dd{margin:0;overflow-wrap:anywhere}
.tiles{display:flex;flex-wrap:wrap;gap:.75rem;margin:1rem 0;padding:0;list-style:none}
.tiles li{border:1px solid #505a5f;padding:.6rem .9rem;min-width:9.5rem;flex:1}
.tiles b{display:block;font-size:1.35rem;line-height:1.25}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.93rem;margin:.5rem 0}
caption{text-align:left;color:#383f43;padding-bottom:.25rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #b1b4b6}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.path,td.place,td.known,td.digest{overflow-wrap:anywhere;min-width:14rem}td.known{min-width:19rem}
td.digest,code{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,monospace;font-size:.85em}
.map{display:flex;height:2rem;border:1px solid #0b0c0c;background:#fff;overflow:hidden}
.map span{display:block;height:100%;min-width:2px;border-right:1px solid #fff}
.m-file-system{background:#1d70b8}.m-encrypted{background:#ffdd00}.m-unsupported{background:#f47738}.m-unrecognised{background:#b1b4b6}
.m-gap{background:repeating-linear-gradient(45deg,#fff 0 5px,#b1b4b6 5px 7px)}
.note.strong{border-color:#0b0c0c;font-weight:600}
.note p{margin:.3rem 0}
.meter{padding-left:1.25rem;font-size:1.1rem}.meter li{margin:.25rem 0}
.bars{display:grid;grid-template-columns:max-content 1fr max-content;gap:.3rem .75rem;align-items:center;margin:1rem 0;max-width:48rem}
.bar{position:relative;height:1.2rem;border:1px solid #505a5f;background:#fff}
.bar .fill{position:absolute;inset:0 auto 0 0;background:#5694ca}
.bar .reach{position:absolute;top:50%;height:2px;margin-top:-1px;min-width:2px;background:#0b0c0c}
.bar .reach::before,.bar .reach::after{content:"";position:absolute;top:-4px;width:2px;height:10px;background:#0b0c0c}.bar .reach::before{left:0}.bar .reach::after{right:0}
.bars .figure{font-variant-numeric:tabular-nums;text-align:right}
td.ranges{white-space:nowrap;font-variant-numeric:tabular-nums}
pre{border:1px solid #b1b4b6;padding:.5rem .75rem;margin:.5rem 0;font:.9em ui-monospace,"DejaVu Sans Mono",Menlo,monospace}
svg.coverage{display:block;width:100%;min-width:36rem;max-height:20rem;margin:.5rem 0;border:1px solid #0b0c0c;background:#fff;forced-color-adjust:none}
svg.sign{display:block;width:4rem;height:1.5rem;border:1px solid #505a5f;background:#fff;forced-color-adjust:none}
.g-read{fill:#9cc3e4}.g-in-part{fill:#e3eef8}.g-gated{fill:#d9d9d6}.g-not-read{fill:#fff}.g-encrypted{fill:#fd0}.g-unreadable{fill:#f99d5b}.g-hit{fill:#7d0f0f}
.s-hit,.s-unreadable,.s-encrypted,.s-in-part,.s-gated{fill:none;stroke:#0b0c0c;stroke-width:1.5}.s-hit{stroke:#fff;stroke-width:2}.s-in-part{stroke:#1d5a94;stroke-width:2}.s-gated{stroke:#505a5f;stroke-width:2}
.known div+div{margin-top:.35rem}.weak{font-weight:600}h3 code{font-weight:400}
.narrow{width:auto}.narrow th+th,.narrow td+td{padding-left:2rem}
.sum{font-weight:600}
.note{border-left:6px solid #505a5f;padding:.1rem 0 .1rem .9rem;margin:.75rem 0}
table.ranked td.path{min-width:15rem}.ranked .facts,.ranked .why td{color:#383f43;font-size:.9em}.ranked .first td{border-bottom:0;padding-bottom:0}.ranked .points{font-weight:600;white-space:nowrap}
footer{margin-top:2.5rem;padding-bottom:2rem;color:#383f43;font-size:.9rem}
@media (max-width:40rem){
 dl.facts{grid-template-columns:1fr}dl.facts dd{margin-bottom:.4rem}
 .stack,.stack caption,.stack tbody,.stack tr,.stack td{display:block;width:100%;min-width:0}
 .stack thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
 .stack tr{border-bottom:1px solid #0b0c0c;padding:.5rem 0}.stack td,.stack td.n,.stack td.known{border:0;padding:.1rem 0;text-align:left;min-width:0}
.ranked.stack td.path{min-width:0}.ranked.stack td.none{display:none}.ranked.stack tr.first{border-bottom:0;padding-bottom:0}.ranked.stack tr.why{padding-top:0}.ranked.stack .facts,.ranked.stack .why td{font-weight:400}
 .narrow.stack td+td,.narrow.stack td.n{padding-left:0}
 .stack td:first-child{font-weight:600}.stack td[data-label]::before{content:attr(data-label) ": ";color:#383f43}
}
@media print{
 @page{margin:15mm}
 body{font-size:10pt}main,header,footer{max-width:none;padding:0}
 .scroll{overflow:visible}table{font-size:8.5pt}td,td.path,td.place,td.known,td.digest{min-width:0;overflow-wrap:anywhere}th,td{padding-right:.5rem}td.known{min-width:15rem}table.ranked{font-size:7.5pt}table.ranked td.path{min-width:8rem}.ranked th,.ranked td{padding-right:.3rem}.ranked th{overflow-wrap:anywhere}.ranked td:not(.path){overflow-wrap:normal}.ranked tr.first{break-after:avoid}h2{break-after:avoid}tr,.answer{break-inside:avoid}thead{display:table-header-group}
 .bars,svg{break-inside:avoid}td.ranges{white-space:normal}
 .answer,.map span,.bar .fill,.bar .reach,.bar .reach::before,.bar .reach::after{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
@media (forced-colors:active){.bar .fill,.bar .reach,.bar .reach::before,.bar .reach::after{forced-color-adjust:none}.answer{border-color:CanvasText}.map span{forced-color-adjust:none}}
`;
