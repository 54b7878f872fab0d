package dev.keralens.tokenize;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Joins neighbours, the pair of the best rank first and of two the one on the left, until no pair
 * has a rank.
 */
final class Merging {
  /** A pair without a rank. */
  static final double NONE = Double.POSITIVE_INFINITY;

  /** What a pair of neighbours is worth: less is better. */
  interface Ranks {
    double rank(String left, String right);
  }

  private record Pair(double rank, int left, int right, String joined) implements Comparable<Pair> {
    @Override
    public int compareTo(Pair other) {
      int order = Double.compare(rank, other.rank);
      return order != 0 ? order : Integer.compare(left, other.left);
    }
  }

  private final Ranks ranks;
  private final String[] parts;
  private final int[] before;
  private final int[] after;
  private final PriorityQueue<Pair> pairs = new PriorityQueue<>();

  private Merging(List<String> parts, Ranks ranks) {
    this.ranks = ranks;
    this.parts = parts.toArray(String[]::new);
    before = new int[parts.size()];
    after = new int[parts.size()];
  }

  static List<String> merge(List<String> parts, Ranks ranks) {
    return parts.size() < 2 ? parts : new Merging(parts, ranks).merged();
  }

  private List<String> merged() {
    for (int i = 0; i < parts.length; i++) {
      before[i] = i - 1;
      after[i] = i + 1 < parts.length ? i + 1 : -1;
    }
    for (int i = 0; i + 1 < parts.length; i++) {
      offer(i, i + 1);
    }
    while (!pairs.isEmpty()) {
      Pair pair = pairs.remove();
      // A part that was joined since is empty or longer; then the pair is no more.
      if (parts[pair.left].isEmpty()
          || after[pair.left] != pair.right
          || !(parts[pair.left] + parts[pair.right]).equals(pair.joined)) {
        continue;
      }
      parts[pair.left] = pair.joined;
      parts[pair.right] = "";
      after[pair.left] = after[pair.right];
      if (after[pair.left] >= 0) {
        before[after[pair.left]] = pair.left;
        offer(pair.left, after[pair.left]);
      }
      if (before[pair.left] >= 0) {
        offer(before[pair.left], pair.left);
      }
    }
    List<String> left = new ArrayList<>();
    for (int i = 0; i >= 0; i = after[i]) {
      left.add(parts[i]);
    }
    return left;
  }

  private void offer(int left, int right) {
    double rank = ranks.rank(parts[left], parts[right]);
    if (rank != NONE) {
      pairs.add(new Pair(rank, left, right, parts[left] + parts[right]));
    }
  }
}
