using System.Globalization;
using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Listings;

/// <summary>
/// The form of a listing that takes files in. Without scripts it is a plain form; with them files may be dropped anywhere on the
/// page, go one after the other with a bar each, and the list is read anew.
/// </summary>
internal static class ListingUploadForm
{
    /// <summary>The style sheet; it goes by the colours of <see cref="ListingStyle"/>.</summary>
    public const string Style =
        "#send{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.75rem .5rem 0;padding:.75rem 1rem;"
        + "border:1px dashed var(--edge);border-radius:.5rem;font-size:.9rem;color:var(--soft)}"
        + "#send label{color:var(--ink);font-weight:600}#send input{flex:1 1 14rem;min-width:0;max-width:100%;font:inherit;color:inherit}"
        + "#send button,#sent button{padding:.3rem .75rem;font:inherit;color:var(--ink);background:var(--mark);border:1px solid var(--edge);border-radius:.4rem;cursor:pointer}"
        + "#sent{margin:.5rem .5rem 0;padding:0;list-style:none;font-size:.9rem}"
        + "#sent li{display:grid;grid-template-columns:minmax(0,1fr) minmax(5rem,12rem) auto;gap:.25rem .75rem;align-items:center;padding:.3rem 0;border-bottom:1px solid var(--line)}"
        + "#sent b{font-weight:400;overflow-wrap:anywhere;unicode-bidi:isolate}#sent progress{width:100%;accent-color:var(--link)}"
        + "#sent span{grid-column:1/4;color:var(--soft)}#sent .bad span{color:var(--bad)}"
        + ":root{--bad:#b3261e}@media(prefers-color-scheme:dark){:root{--bad:#ff9d94}}"
        + "#told{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
        + ".drop::after{content:'Drop files to upload them here';position:fixed;inset:.75rem;display:grid;place-items:center;padding:1rem;text-align:center;"
        + "font-size:1.35rem;font-weight:600;color:var(--ink);background:color-mix(in srgb,var(--mark) 88%,transparent);border:3px dashed var(--link);border-radius:.75rem;pointer-events:none}"
        + "@media(max-width:38rem){#sent li{grid-template-columns:minmax(0,1fr) auto}#sent progress{grid-column:1/3;grid-row:2}#sent span{grid-column:1/3}}"
        + "@media print{#send,#sent{display:none}}";

    public const string Script =
        "(()=>{'use strict';"
        + "const d=document,form=d.getElementById('send'),pick=d.getElementById('pick'),list=d.getElementById('sent'),told=d.getElementById('told'),"
        + "most=+form.dataset.most,over='over'in form.dataset,queue=[];let busy=false,stored=0;"
        + "const size=n=>{let u=0;while(n>=1023.95&&u<6){n/=1024;u++}return(u?n.toFixed(1):n)+' '+['B','KiB','MiB','GiB','TiB','PiB','EiB'][u]},"
        + "make=(tag,to,text)=>{const e=d.createElement(tag);if(text)e.textContent=text;to.append(e);return e},"
        + "say=(job,text,bad)=>{job.item.className=bad?'bad':'';job.note.textContent=text;told.textContent=job.file.name+': '+text},"
        + "button=(job,text,act)=>{job.button.textContent=text;job.button.hidden=!text;job.button.setAttribute('aria-label',text+' '+job.file.name);job.act=act},"
        + "taken=name=>[...d.querySelectorAll('tbody tr:not(#up) a')].some(a=>decodeURIComponent(a.getAttribute('href').split('?')[0].replace(/\\/$/,''))===name),"
        + "sentence=html=>((/<p>([^<]*)/.exec(html)||[])[1]||'').replace(/&#x27;/g,\"'\").replace(/&quot;/g,'\"').replace(/&lt;/g,'<').replace(/&gt;/g,'>').replace(/&amp;/g,'&');"

        // What the server would refuse anyway is not sent: a browser that is still sending may never see the answer.
        + "const fail=(job,text,retry)=>{job.bar.hidden=true;say(job,text,true);button(job,retry||'',()=>{job.replace=retry==='Replace';enqueue(job)});next()},"
        + "clash=job=>fail(job,over?'A file of this name is there already.':'A file of this name is there already, and this server replaces none.',over?'Replace':''),"
        + "enqueue=job=>{job.bar.hidden=false;job.bar.removeAttribute('value');say(job,'Waiting');button(job,'Cancel',()=>{queue.splice(queue.indexOf(job),1);job.bar.hidden=true;say(job,'Cancelled',true);button(job,'Retry',()=>enqueue(job))});queue.push(job);if(!busy)next()},"
        + "next=()=>{const job=queue.shift();busy=!!job;if(job)send(job);else if(stored)refresh()};"

        + "const send=job=>{const f=job.file;"
        + "if(f.size>most)return fail(job,'The file is larger than the '+size(most)+' that this server takes.');"
        + "if(!job.replace&&taken(f.name))return clash(job);"
        + "const x=new XMLHttpRequest();job.sending=true;"
        + "try{x.open('PUT',form.action+encodeURIComponent(f.name))}catch{job.sending=false;return fail(job,'The file has a name that cannot be sent.')}"
        + "x.upload.onprogress=e=>{if(e.lengthComputable&&e.total){job.bar.value=e.loaded/e.total;job.note.textContent=size(e.loaded)+' of '+size(e.total)}};"
        + "x.upload.onload=()=>{job.bar.removeAttribute('value');job.note.textContent='Being stored'};"
        + "x.onload=()=>{const s=x.status;"
        + "if(s===201||s===204){stored++;job.bar.value=1;say(job,(s===204?'Replaced, ':'Stored, ')+size(f.size));button(job,'');next()}"
        + "else if(!job.replace&&(s===412||s===409&&taken(f.name)))clash(job);"
        + "else if(s===413)fail(job,'The file is larger than this server takes.');"
        + "else if(s===507)fail(job,'There is no room for it: the disk of the server is full.','Retry');"
        + "else fail(job,sentence(x.responseText)||'The server answered '+s+'.',s>499||s===401||s===408?'Retry':'')};"
        + "x.onerror=()=>fail(job,'The connection was lost.','Retry');"
        + "x.onabort=()=>fail(job,'Cancelled','Retry');"
        + "if(!job.replace)x.setRequestHeader('If-None-Match','*');"
        + "say(job,'Sending');button(job,'Cancel',()=>x.abort());x.send(f)};"

        // The list as it is now, in the place of the one that was; the filter and the keys are told.
        + "const refresh=async()=>{const n=stored;stored=0;told.textContent=n+(n===1?' file':' files')+' stored';"
        + "try{const r=await fetch(location.href,{headers:{Accept:'text/html'},cache:'no-cache'}),p=new DOMParser().parseFromString(await r.text(),'text/html');"
        + "for(const w of['tbody','caption']){const e=p.querySelector(w);if(!e)throw 0;d.querySelector(w).replaceWith(e)}"
        + "d.dispatchEvent(new Event('listing'))}catch{location.reload()}};"

        + "const add=files=>{for(const file of files){const item=make('li',list),job={file,item};make('b',item,file.name);job.bar=make('progress',item);"
        + "job.bar.max=1;job.bar.setAttribute('aria-label',file.name);job.button=make('button',item);job.button.type='button';job.button.onclick=()=>job.act();job.note=make('span',item);enqueue(job)}};"
        + "form.addEventListener('submit',e=>{e.preventDefault();add(pick.files);form.reset()});"
        + "pick.addEventListener('change',()=>{add(pick.files);form.reset()});"
        + "form.querySelector('button').hidden=true;form.querySelector('span').hidden=false;"

        + "const has=e=>e.dataTransfer&&e.dataTransfer.types.includes('Files'),mark=on=>d.body.classList.toggle('drop',on);"
        + "d.addEventListener('dragover',e=>{if(has(e)){e.preventDefault();e.dataTransfer.dropEffect='copy';mark(true)}});"
        + "d.addEventListener('dragleave',e=>{if(!e.relatedTarget)mark(false)});"
        + "d.addEventListener('drop',e=>{mark(false);if(!has(e))return;e.preventDefault();"
        + "const folders=[...e.dataTransfer.items].map(i=>i.webkitGetAsEntry&&i.webkitGetAsEntry()).filter(i=>i&&i.isDirectory).map(i=>i.name);"
        + "add([...e.dataTransfer.files].filter(f=>!folders.includes(f.name)));"
        + "if(folders.length)told.textContent=make('li',list,'Directories are not uploaded: '+folders.join(', ')).textContent});"
        + "addEventListener('beforeunload',e=>{if(busy)e.preventDefault()})"
        + "})()";

    /// <summary>Writes the form.</summary>
    public static void Append(StringBuilder page, UrlPath url, ListingUploads uploads)
    {
        // The canonical address: that of the page may have empty or dot segments.
        page.Append("<form id=\"send\" method=\"post\" enctype=\"multipart/form-data\" action=\"")
            .Append(url.Encoded.TrimEnd('/')).Append("/\" data-most=\"")
            .Append(CultureInfo.InvariantCulture, $"{uploads.MaxBytes}")
                .Append(uploads.Overwriting ? "\" data-over=\"\">" : "\">")
            .Append("<label for=\"pick\">Upload files</label><input id=\"pick\" type=\"file\" name=\"file\" multiple required>")
            .Append("<button>Upload</button><span hidden>or drop them anywhere on this page</span></form>\n")
            .Append("<ul id=\"sent\" aria-label=\"Uploads\"></ul><div id=\"told\" role=\"status\"></div>\n");
    }
}
