package dev.keralens.applications;

/**
 * A class that a network sees.
 *
 * @param unit the class's number
 * @param wordNetId its identifier in WordNet, such as {@code n02123045}
 * @param name its name, such as {@code tabby}
 * @param score the network's score for it
 */
public record Prediction(int unit, String wordNetId, String name, float score) {}
