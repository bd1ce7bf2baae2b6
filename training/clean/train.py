#!/usr/bin/env python3
"""Grows the forests of the second opinion of clean, src/stage/data/forest-page.txt and forest-line.txt.

usage: train.py EVIDENCE OUTPUT SET.jsonl... [--trees N] [--leaves N] [--folds K]
  EVIDENCE  the program examples/evidence.rs, built: cargo build --release --example evidence
  OUTPUT    the forest to write
  SET       records, one a line: site, html (for pages) or text (for lines), and the truth: gold (the story's text), or with and
            without (snippets that belong to it and that do not)
Needs Python 3.9+, numpy and lightgbm.

A block is content when most of its words lie in the gold text, each stretch of which is used once and in order. Its weight is
its share of the page as the measure of quality sees it, so a page whose gold is short does not drown the others. With --folds the
script first reports errors on sites that the forest has not seen: all pages of one site, in all sets, are in one fold."""
import argparse, hashlib, json, re, subprocess
from bisect import bisect_right
from collections import Counter, defaultdict

import lightgbm
import numpy

WORD = re.compile(r'[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+')
LONGEST = 120   # words of a block that count
KEPT = 0.4      # probability from which on a block is kept; KEPT in opinion.rs is its logit


def words(text):
    return WORD.findall(text)


def matches(block, places, length):
    """Stretches of the gold text that a block may be: (start, end, words)."""
    if len(block) <= 3:
        return [(at, at + len(block), len(block)) for at in places.get(tuple(block), [])[:30]] if block else []
    shifts = Counter(at - i for i in range(len(block) - 2) for at in places.get(tuple(block[i:i + 3]), ())[:20])
    found = []
    for shift, _ in shifts.most_common(4):
        shared = min(sum(n for other, n in shifts.items() if abs(other - shift) <= 12), len(block) - 2)
        if shared * 2 >= len(block) - 2:
            found.append((max(0, shift), min(length, shift + len(block)), shared + 2))
    return found


def align(texts, gold):
    """For each block the share of its words that the gold text has: the heaviest chain of matches in the order of both, then
    what matches elsewhere and is unused."""
    gold = words(gold)
    places = defaultdict(list)
    for n in (1, 2, 3):
        for at in range(len(gold) - n + 1):
            places[tuple(gold[at:at + n])].append(at)
    blocks = [words(text) for text in texts]
    found = [(i, *match) for i, block in enumerate(blocks) for match in matches(block, places, len(gold))]
    ends, sums, last = [-1], [0.0], [None]      # best chains by the end of their last match, both ascending
    chains = []
    at = 0
    while at < len(found):
        block, new = found[at][0], []
        while at < len(found) and found[at][0] == block:
            _, start, end, weight = found[at]
            best = bisect_right(ends, start + (2 if end - start > 8 else 0)) - 1
            chains.append((sums[best] + weight + 0.001 * block / len(blocks), last[best]))
            new.append((end, chains[-1][0], at))
            at += 1
        for end, total, chain in new:
            place = bisect_right(ends, end)
            if total <= sums[place - 1]:
                continue
            ends.insert(place, end), sums.insert(place, total), last.insert(place, chain)
            while place + 1 < len(ends) and sums[place + 1] <= total:
                del ends[place + 1], sums[place + 1], last[place + 1]
    share, used = [0.0] * len(blocks), [False] * len(gold)

    def use(chain):
        block, start, end, weight = found[chain]
        share[block] = weight / len(blocks[block])
        used[start:end] = [True] * (end - start)
    chain = last[-1]
    while chain is not None:
        use(chain)
        chain = chains[chain][1]
    for chain in sorted(range(len(found)), key=lambda c: -found[c][3]):
        block, start, end, weight = found[chain]
        if share[block] == 0 and weight >= 6 and sum(used[start:end]) * 4 < end - start:
            use(chain)
    return share, max(1, len(gold))


def snippets(texts, wanted, unwanted):
    """1.0, 0.0 or None for each block, by the snippets it holds."""
    plain = [' '.join(text.split()) for text in texts]
    share = [None] * len(plain)
    for truth, group in ((0.0, unwanted), (1.0, wanted)):
        for snippet in (' '.join(s.split()) for s in group):
            for i, text in enumerate(plain):
                if snippet and snippet in text:
                    share[i] = truth if share[i] in (None, truth) else None
    return share


def page(record, blocks):
    """(row, truth, weight) of each doubtful block whose truth is known."""
    texts = [text for text, _, _ in blocks]
    sizes = [len(words(text)) for text in texts]
    gold = record.get('gold')
    share, length = align(texts, gold) if gold is not None else (snippets(texts, record['with'], record['without']), 0)
    stray = sum(n for n, (_, why, _), s in zip(sizes, blocks, share) if why is None and s is not None and s < 0.5)
    doubtful = sum(min(n, LONGEST) for n, (_, _, row) in zip(sizes, blocks) if row)
    whole = max(length + stray + 40, doubtful / 4)
    for n, (_, why, row), s in zip(sizes, blocks, share):
        if row and s is not None:
            weight = 10 * (min(n, LONGEST) + 4) / whole if gold is not None else 0.35
            yield row, s > 0.5, weight * (0.3 if 0.2 < s < 0.8 else 1.0), why is None


def read(evidence, path):
    records = [json.loads(line) for line in open(path, encoding='utf-8')]
    lines = ''.join(json.dumps({k: r[k] for k in ('html', 'text') if k in r}) + '\n' for r in records)
    out = subprocess.run([evidence], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
    for record, line in zip(records, out.splitlines()):
        yield from ((record['site'], *block) for block in page(record, json.loads(line)))


def grow(rows, truth, weights, a):
    parameters = dict(objective='binary', learning_rate=a.rate, num_leaves=a.leaves, min_data_in_leaf=40, min_sum_hessian_in_leaf=1,
                      feature_fraction=0.5, bagging_fraction=0.7, bagging_freq=1, lambda_l2=5, max_bin=63, num_threads=1,
                      deterministic=True, seed=1, verbose=-1)
    data = lightgbm.Dataset(rows, truth, weight=weights / weights.mean())
    return lightgbm.train(parameters, data, a.trees)


def report(rows, truth, weights, kept, sites, a):
    """Weighted errors on unseen sites, of the rules and of the forest."""
    fold = numpy.array([int(hashlib.md5(site.encode()).hexdigest(), 16) % a.folds for site in sites])
    said = numpy.zeros(len(rows))
    for f in range(a.folds):
        seen = fold != f
        said[~seen] = grow(rows[seen], truth[seen], weights[seen], a).predict(rows[~seen])
    wrong = lambda keep: (weights * (keep != truth)).sum() / weights.sum()
    print(f'weight judged wrongly on unseen sites: rules {wrong(kept):.4f}, forest {wrong(said > KEPT):.4f}')


def write(forest, path, head):
    def nodes(node):
        if 'leaf_value' in node:
            return [f"={node['leaf_value']:.3g}"]
        below = [f"{node['split_feature']}<{node['threshold']:.5g}"]
        return below + nodes(node['left_child']) + nodes(node['right_child'])
    trees = [' '.join(nodes(tree['tree_structure'])) for tree in forest.dump_model()['tree_info']]
    with open(path, 'w', encoding='utf-8') as out:
        out.write(''.join(f'# {line}\n' for line in head) + '\n'.join(trees) + '\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('evidence'), parser.add_argument('output'), parser.add_argument('sets', nargs='+')
    parser.add_argument('--trees', type=int, default=120), parser.add_argument('--leaves', type=int, default=16)
    parser.add_argument('--rate', type=float, default=0.1), parser.add_argument('--folds', type=int, default=0)
    a = parser.parse_args()
    sites, rows, truth, weights, kept = zip(*(block for path in a.sets for block in read(a.evidence, path)))
    rows, truth = numpy.array(rows, dtype='f4'), numpy.array(truth)
    weights, kept = numpy.array(weights), numpy.array(kept)
    if a.folds:
        report(rows, truth, weights, kept, sites, a)
    write(grow(rows, truth, weights, a), a.output, [
        'The second opinion on blocks, see src/stage/clean/opinion.rs. Grown by training/clean/train.py; not to be edited by hand.',
        'A line a tree, its nodes in preorder: number<threshold, then the branch up to it, then the other; =score for a leaf.'])


if __name__ == '__main__':
    main()
