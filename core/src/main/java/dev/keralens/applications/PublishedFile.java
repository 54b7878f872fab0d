package dev.keralens.applications;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A file that Keras publishes. */
public final class PublishedFile {
  private final String address;
  private final String name;
  private final @Nullable String hash;

  /**
   * Makes one.
   *
   * @param address where it lies
   * @param name what it is called in Keras' cache
   * @param hash its MD5 or SHA-256 in hexadecimal digits, as Keras' source has it; null where Keras
   *     publishes none
   */
  public PublishedFile(String address, String name, @Nullable String hash) {
    this.address = address;
    this.name = name;
    this.hash = hash;
  }

  /** {@return where it lies} */
  public String address() {
    return address;
  }

  /** {@return what it is called in Keras' cache} */
  public String name() {
    return name;
  }

  /**
   * {@return its MD5 or SHA-256 in hexadecimal digits, as Keras' source has it; null where Keras
   * publishes none}
   */
  public @Nullable String hash() {
    return hash;
  }

  /** {@return the algorithm of the hash, by its length} */
  String algorithm() {
    return hash != null && hash.length() == 64 ? "SHA-256" : "MD5";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PublishedFile that
        && address.equals(that.address)
        && name.equals(that.name)
        && Objects.equals(hash, that.hash);
  }

  @Override
  public int hashCode() {
    return Objects.hash(address, name, hash);
  }

  @Override
  public String toString() {
    return "PublishedFile[address=%s, name=%s, hash=%s]".formatted(address, name, hash);
  }
}
