import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
import{standInMark}from"./chunk-W54CQ3UL.js";import{asFields,asList,asText,asTextMap,parseJson}from"./chunk-F4YBAB7G.js";var directVariable="SLIPWAY_DIRECT_BUILDX",jobVariable="SLIPWAY_JOB_FOLDER",jobName="SLIPWAY_JOB";function renderStandIn({real,metadata,job}){return`#!/bin/sh
${standInMark}
real=${quote(real)}
if [ "\${1-}" = docker-cli-plugin-metadata ] && [ -x "$real" ] && [ ! "$real" -nt "$0" ]; then
  printf '%s\\n' ${quote(metadata.trim())}
  exit 0
fi
if [ ! -x "$real" ]; then
  gone=$real
  for folder in "\${HOME:-/}/.docker" /usr/local/lib/docker /usr/local/libexec/docker /usr/lib/docker /usr/libexec/docker; do
    real=$folder/cli-plugins/docker-buildx
    if [ -x "$real" ] && ! head -n 2 "$real" | grep -q '^# Slipway stands in'; then break; fi
    real=
  done
  if [ -z "$real" ]; then
    echo "slipway: Docker's buildx plugin is no longer at $gone, and not where Docker looks for it: install it again" >&2
    exit 1
  fi
fi
is_build() {
  if [ "\${2-}" = buildx ]; then case $1 in -D | --debug) shift ;; esac; fi
  if [ "\${1-}" = buildx ]; then shift; fi
  while :; do
    case \${1-} in
      -D | --debug | --builder=*) shift ;;
      --builder) if [ $# -gt 1 ]; then shift 2; else return 1; fi ;;
      build | b | bake | f) break ;;
      *) return 1 ;;
    esac
  done
  for word; do
    case $word in
      --call=build) ;;
      --help | -h | --print | --check | --call=* | --list | --list=* | --list-targets | --list-variables) return 1 ;;
    esac
  done
}
if [ -z "\${${directVariable}-}" ] && is_build "$@"; then
${job.kind==="own"?renderOwnJob(job):renderCallersJob(job.jobs)}
  if [ -x "$node" ] && [ -r "$program" ] && [ -d "$folder" ]; then
    ${directVariable}=$real ${jobVariable}=$folder
    export ${directVariable} ${jobVariable}
    exec "$node" "$program" "$@"
  fi
fi
exec "$real" "$@"
`}function renderOwnJob({node,program,folder}){return`  ${renderProgram({node,program,folder})}`}function renderProgram({node,program,folder}){return`node=${quote(node)} program=${quote(program)} folder=${quote(folder)}`}function renderCallersJob(jobs){return`  node='' program='' folder='' pid=$PPID
  while [ "\${pid:-1}" -gt 1 ]; do
    name=$(tr '\\0' '\\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^${jobName}=\\([A-Za-z0-9-]*\\)$/\\1/p')
    if [ -n "$name" ]; then
      if [ -r ${quote(jobs)}/"$name" ]; then . ${quote(jobs)}/"$name"; fi
      break
    fi
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
  done`}function quote(text){return`'${text.replaceAll("'","'\\''")}'`}import{mkdir,readdir,readFile,rename,writeFile}from"node:fs/promises";import{join}from"node:path";var outcomes=["built","reused","passed","failed"];function readNote(value){let fields=asFields(value),time=asText(fields?.time),outcome=outcomes.find(each=>each===fields?.outcome);if(fields===void 0||time===void 0||outcome===void 0)return[];let saved=fields.savedSeconds;return[{time,outcome,name:asText(fields.name)??"",tags:texts(fields.tags),because:asText(fields.because)??"",ids:texts(fields.ids),isPushed:fields.isPushed===!0,savedSeconds:typeof saved=="number"?saved:null,spoiledBy:texts(fields.spoiledBy),pending:asFields(fields.pending)??null}]}function texts(value){return(asList(value)??[]).filter(each=>typeof each=="string")}var settingsFile="settings.json",journalFolder="journal";async function writeStandInSettings(folder,settings){await mkdir(join(folder,journalFolder),{recursive:!0,mode:448}),await writeWhole(join(folder,settingsFile),JSON.stringify(settings))}async function readStandInSettings(folder){let fields=asFields(parseJson(await readFile(join(folder,settingsFile),"utf8").catch(()=>""))),real=asText(fields?.real),since=asText(fields?.since),inputs=asTextMap(fields?.inputs),env=asTextMap(fields?.env);if(!(real===void 0||since===void 0||inputs===void 0||env===void 0))return{real,since,inputs,env}}async function addToJournal(writer,folder,notes){let name=`${writer.now().replaceAll(":","-")}-${writer.processId}.json`;await writeWhole(join(folder,journalFolder,name),JSON.stringify(notes),420)}async function readJournal(folder){let names=(await readdir(join(folder,journalFolder)).catch(()=>[])).filter(name=>name.endsWith(".json"));return(await Promise.all(names.sort().map(name=>readFile(join(folder,journalFolder,name),"utf8")))).flatMap(text=>(asList(parseJson(text))??[]).flatMap(readNote))}async function writeWhole(path,text,mode=384){await writeFile(`${path}.part`,text,{mode}),await rename(`${path}.part`,path)}export{writeStandInSettings,readStandInSettings,addToJournal,readJournal,directVariable,jobVariable,jobName,renderStandIn,renderProgram,quote};
