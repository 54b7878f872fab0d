package dev.keralens.picture.draw;

/** A rectangle of a grid: its first column and row, its width and height, in pixels. */
record Place(int left, int top, int width, int height) {}
