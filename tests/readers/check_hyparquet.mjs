// Reads Parquet files with hyparquet and compares them with what was to be written: see notation.py for the notation.
//
//     check_hyparquet.mjs FOLDER NODE_MODULES
//
// Decimals are left out: hyparquet makes doubles of them.

import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, modules] = process.argv.slice(2)
const load = name => import(pathToFileURL(path.join(modules, name, 'src/index.js')))
const { parquetReadObjects } = await load('hyparquet')
const { compressors } = await load('hyparquet-compressors')

const parsers = { timestampFromMicroseconds: micros => micros, dateFromDays: days => days }

const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

function double(value) {
  if (Number.isNaN(value)) return 'NaN'
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return hex(new Uint8Array(view.buffer))
}

/** A value of a column of this type, in the notation. */
function text(value, type) {
  if (value === null || value === undefined) return null
  if (type === 'float' || type === 'double') return double(value)
  if (type === 'binary') return hex(value)
  if (typeof value === 'object') return JSON.stringify(nested(value, type))
  return String(value)
}

function nested(value, type) {
  if (Array.isArray(value)) return value.map(element => nested(element, type))
  if (value === null || value === undefined) return null
  if (typeof value !== 'object') return String(value)
  const members = Object.entries(value).map(([name, member]) => [name, nested(member, type)])
  return type.startsWith('map') ? members : Object.fromEntries(members)
}

let differences = 0
const differ = what => { differences += 1; console.log(what) }
const names = fs.readdirSync(folder).filter(name => name.endsWith('.parquet')).sort()
for (const name of names) {
  const { columns } = JSON.parse(fs.readFileSync(path.join(folder, name.replace(/\.parquet$/, '.json'))))
  const bytes = fs.readFileSync(path.join(folder, name))
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  let rows
  try {
    rows = await parquetReadObjects({ file, compressors, parsers, utf8: false })
  } catch (error) {
    differ(`${name}: hyparquet cannot read it: ${error}`)
    continue
  }
  for (const column of columns.filter(({ type }) => !type.startsWith('decimal'))) {
    if (rows.length !== column.values.length) differ(`${name}: hyparquet finds ${rows.length} rows, not ${column.values.length}`)
    const row = rows.findIndex((row, i) => text(row[column.name], column.type) !== column.values[i])
    if (row >= 0) {
      const found = String(text(rows[row][column.name], column.type)).slice(0, 200)
      differ(`${name}: hyparquet reads ${column.name}[${row}] as ${found}, not ${String(column.values[row]).slice(0, 200)}`)
    }
  }
}
console.log(`${names.length} files read by hyparquet: ${differences} differences`)
process.exit(differences || !names.length ? 1 : 0)
