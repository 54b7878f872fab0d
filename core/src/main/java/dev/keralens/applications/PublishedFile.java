package dev.keralens.applications;

import org.jspecify.annotations.Nullable;

/**
 * A file that Keras publishes.
 *
 * @param address where it lies
 * @param name what it is called in Keras' cache
 * @param hash its MD5 or SHA-256 in hexadecimal digits, as Keras' source has it; null where Keras
 *     publishes none
 */
public record PublishedFile(String address, String name, @Nullable String hash) {
  /** {@return the algorithm of the hash, by its length} */
  String algorithm() {
    return hash != null && hash.length() == 64 ? "SHA-256" : "MD5";
  }
}
