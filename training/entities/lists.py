#!/usr/bin/env python3
"""lists.py DATA OUT: makes the lists of names that copydesk embeds (src/stage/data/names) from open gazetteers in DATA/gazetteer:
world-cities (GeoNames), country-codes, us-census-names, sp500, nasdaq-listed, nyse-listed. One name a line, sorted."""
import csv, gzip, io, re, sys

data, out = sys.argv[1], sys.argv[2]

def rows(name):
    return list(csv.DictReader(io.TextIOWrapper(gzip.open(f'{data}/gazetteer/{name}.csv.gz'), encoding='utf-8')))

def write(name, head, names):
    with open(f'{out}/{name}.txt', 'w', encoding='utf-8') as f:
        f.write(''.join(f'# {line}\n' for line in head) + ''.join(f'{n}\n' for n in sorted(names)))

cities = rows('world-cities')
fit = lambda n: n and n[0].isupper() and 2 < len(n) < 40 and n.count(' ') < 5 and ':' not in n and ';' not in n
write('cities', ['Towns of 15,000 people and more: GeoNames (https://www.geonames.org), CC BY 4.0, by way of datasets/world-cities.',
                 'Made by training/entities/lists.py. Read by meaning/entity/gazetteer.rs.'], {r['name'] for r in cities if fit(r['name'])})
trim = re.compile(r'^(Provincia de|Departamento de|Region of|Province of|State of|Oblast|Canton of) ')
write('regions', ['Provinces and states: GeoNames, CC BY 4.0, by way of datasets/world-cities.',
                  'Made by training/entities/lists.py. Read by meaning/entity/gazetteer.rs.'],
      {trim.sub('', r['subcountry']) for r in cities if fit(r['subcountry'])})

def country_names(r):
    article = re.compile(r"^(the|la|le|les|l'|el|los|las) |\s*\((the|la|le|les|l'|el|los|las)\)$", re.I)
    keys = ['CLDR display name', 'UNTERM English Short', 'UNTERM French Short', 'UNTERM Spanish Short', 'UNTERM English Formal']
    names = [article.sub('', (r[k] or '').replace('*', '').strip()) for k in keys]
    seen = []
    for n in names:
        if n and n[0].isupper() and n not in seen and len(n) < 60 and ';' not in n: seen.append(n)
    return seen
lines = [f"{r['ISO3166-1-Alpha-2']}: " + '; '.join(country_names(r)) for r in rows('country-codes') if r['ISO3166-1-Alpha-2'].strip() and country_names(r)]
write('countries', ['Countries: ISO 3166 code: name; name; ... English, French, Spanish: datasets/country-codes, public domain (PDDL).',
                    'Made by training/entities/lists.py. Read by meaning/entity/gazetteer.rs.'], lines)

last = [r['name'].lower() for r in rows('us-census-names') if r['kind'] == 'last'][:15000]
write('last-names', ['Family names, lower case: US Census Bureau, name frequencies of 1990, public domain.',
                     'Made by training/entities/lists.py. Read by meaning/entity/gazetteer.rs.'], set(last))

firm = r'(,? (Inc|Incorporated|Corp|Corporation|Co|Company|Companies|Ltd|Limited|plc|PLC|LLC|L\.?P|LP|N\.?V|S\.?A|A\.?G|SE|AB|ASA|Holdings?|Group|Trust|Bancorp|Bancshares|Technologies|International|Enterprises)\.?)+$'
junk = re.compile(r'ETF|ETN|Fund|Acquisition|Warrant|Units?\b|Rights|Notes|Preferred|Depositary|%|Leverage|2X|SPAC|Income|Municipal|Portfolio|Index|Merger|Test ', re.I)
names = set()
for r in rows('sp500'): names.add(r['Security'])
for name, column in (('nasdaq-listed', 'Security Name'), ('nyse-listed', 'Company Name')):
    for r in rows(name):
        n = re.split(r' - | Common | Class | Ordinary | American Dep', r[column] or '')[0].strip()
        if n and not junk.search(n): names.add(n)
core = {re.sub(r'\s*\(.*', '', re.sub(firm, '', n)).strip(' ,.&') for n in names}
write('companies', ['Listed companies without their legal form: datasets/nasdaq-listings, nyse-other-listings, s-and-p-500-companies, public domain (PDDL).',
                    'Made by training/entities/lists.py. Read by meaning/entity/gazetteer.rs.'],
      {n for n in core if 2 < len(n) < 40 and n[0].isalnum() and n.count(' ') < 4})
