import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
import{asFields,asText,asTextMap,parseJson}from"./chunk-F4YBAB7G.js";var directVariable="SLIPWAY_DIRECT_BUILDX",jobVariable="SLIPWAY_JOB_FOLDER",jobName="SLIPWAY_JOB",mark="# Slipway stands in for Docker's buildx plugin until the job ends.";function renderStandIn({real,metadata,job}){return`#!/bin/sh
${mark}
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
`}function isStandIn(text){return text.startsWith(`#!/bin/sh
${mark}
`)}function realOf(text){return(isStandIn(text)?/^real='((?:[^']|'\\'')*)'$/m.exec(text)?.[1]:void 0)?.replaceAll("'\\''","'")}function folderOf(text){return(isStandIn(text)?/^ {2}node=.* folder='((?:[^']|'\\'')*)'$/m.exec(text)?.[1]:void 0)?.replaceAll("'\\''","'")}function renderOwnJob({node,program,folder}){return`  ${renderProgram({node,program,folder})}`}function renderProgram({node,program,folder}){return`node=${quote(node)} program=${quote(program)} folder=${quote(folder)}`}function renderCallersJob(jobs){return`  node='' program='' folder='' pid=$PPID
  while [ "\${pid:-1}" -gt 1 ]; do
    name=$(tr '\\0' '\\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^${jobName}=\\([A-Za-z0-9-]*\\)$/\\1/p')
    if [ -n "$name" ]; then
      if [ -r ${quote(jobs)}/"$name" ]; then . ${quote(jobs)}/"$name"; fi
      break
    fi
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
  done`}function quote(text){return`'${text.replaceAll("'","'\\''")}'`}import{join}from"node:path";var emptyDockerConfig={auths:{},credHelpers:{},credsStore:void 0,proxies:{},fields:{}};function parseDockerConfig(text){if(text.trim()==="")return{config:emptyDockerConfig};let value=parseJson(text);if(value===void 0)return{config:void 0,because:"it is not JSON"};let fields=asFields(value)??{},auths=asFields(fields.auths??{}),credHelpers=asTextMap(fields.credHelpers??{});if(auths===void 0)return{config:void 0,because:"it is no Docker configuration (auths)"};if(credHelpers===void 0)return{config:void 0,because:"it is no Docker configuration (credHelpers)"};let credsStore=asText(fields.credsStore),proxies=fieldsOfEach(asFields(fields.proxies)??{});return{config:{auths:fieldsOfEach(auths),credHelpers,credsStore,proxies,fields}}}function fieldsOfEach(entries){return Object.fromEntries(Object.entries(entries).map(([key,entry])=>[key,asFields(entry)??{}]))}function dockerConfigFolder(env){let home=env.HOME??env.USERPROFILE;return env.DOCKER_CONFIG||(home===void 0?void 0:join(home,".docker"))}function loginKeys(registry){return registry==="docker.io"?["https://index.docker.io/v1/"]:[registry,`https://${registry}`]}function findLogin(entries,registry){for(let key of loginKeys(registry))if(Object.hasOwn(entries,key))return entries[key];let match=Object.keys(entries).find(key=>hostOfKey(key)===registry);return match===void 0?void 0:entries[match]}function hostOfKey(key){let[host=""]=key.replace(/^https?:\/\//,"").split("/"),lower=host.toLowerCase();return lower==="index.docker.io"||lower==="registry-1.docker.io"?"docker.io":lower}function encodeLogin(user,password){return Buffer.from(`${user}:${password}`).toString("base64")}export{emptyDockerConfig,parseDockerConfig,dockerConfigFolder,loginKeys,findLogin,encodeLogin,directVariable,jobVariable,jobName,renderStandIn,isStandIn,realOf,folderOf,renderProgram,quote};
