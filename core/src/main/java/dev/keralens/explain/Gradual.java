package dev.keralens.explain;

/**
 * A method that changes the input little by little, which words cannot be: of a text it changes the
 * vectors of the words.
 */
public interface Gradual {}
