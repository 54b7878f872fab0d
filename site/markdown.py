"""Markdown as this project writes it, to HTML: headings, paragraphs, lists, tables, code, quotes, links, pictures."""

import html
import re


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"<[^>]+>|`", "", text).lower()).strip("-")


def inline(text, link):
    codes = []

    def keep(match):
        codes.append("<code>%s</code>" % html.escape(match.group(2).strip()))
        return "\0%d\0" % (len(codes) - 1)

    text = re.sub(r"(`+)(.+?)\1", keep, text)
    text = html.escape(text, quote=False)
    text = re.sub(r"!\[([^\]]*)\]\(([^)\s]+)\)", lambda m: '<img alt="%s" src="%s">' % (m.group(1), link(m.group(2))), text)
    text = re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", lambda m: '<a href="%s">%s</a>' % (link(m.group(2)), m.group(1)), text)
    text = re.sub(r"(?<![\w\"=/])(https?://[^\s<>)]+[^\s<>).,;])", r'<a href="\1">\1</a>', text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    return re.sub("\0(\\d+)\0", lambda m: codes[int(m.group(1))], text)


def cells(line):
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


class Page:
    """The HTML of a text, its title and its headings."""

    def __init__(self, text, link=lambda target: target):
        self.lines = text.split("\n")
        self.link = link
        self.title = ""
        self.headings = []
        self.out = []
        self.at = 0
        while self.at < len(self.lines):
            self.block()
        self.html = "\n".join(self.out)

    def block(self):
        line = self.lines[self.at]
        fence = re.match(r"(\s*)```(\w*)", line)
        heading = re.match(r"(#{1,6}) (.*)", line)
        if fence:
            self.code(len(fence.group(1)), fence.group(2))
        elif heading:
            self.heading(len(heading.group(1)), heading.group(2))
        elif line.lstrip().startswith("|"):
            self.table()
        elif re.match(r"\s*([-*]|\d+\.) ", line):
            self.list()
        elif line.strip():
            self.paragraph()
        else:
            self.at += 1

    def code(self, indent, language):
        self.at += 1
        body = []
        while self.at < len(self.lines) and not self.lines[self.at].strip().startswith("```"):
            body.append(self.lines[self.at][indent:])
            self.at += 1
        self.at += 1
        self.out.append('<pre><code class="%s">%s</code></pre>' % (language, html.escape("\n".join(body))))

    def heading(self, level, text):
        self.at += 1
        if level == 1 and not self.title:
            self.title = re.sub("`", "", text)
        self.headings.append((level, re.sub("`", "", text), slug(text)))
        self.out.append('<h%d id="%s">%s</h%d>' % (level, slug(text), inline(text, self.link), level))

    def table(self):
        rows = []
        while self.at < len(self.lines) and self.lines[self.at].lstrip().startswith("|"):
            rows.append(cells(self.lines[self.at]))
            self.at += 1
        right = [bool(re.fullmatch(r":?-+:", cell)) for cell in rows[1]] if len(rows) > 1 else []

        def row(values, tag):
            styled = []
            for i, value in enumerate(values):
                style = ' class="number"' if i < len(right) and right[i] else ""
                styled.append("<%s%s>%s</%s>" % (tag, style, inline(value, self.link), tag))
            return "<tr>%s</tr>" % "".join(styled)

        body = "".join(row(values, "td") for values in rows[2:])
        self.out.append('<div class="wide"><table>%s%s</table></div>' % (row(rows[0], "th"), body))

    def list(self):
        ordered = bool(re.match(r"\s*\d+\. ", self.lines[self.at]))
        first = int(re.match(r"\s*(\d+)", self.lines[self.at]).group(1)) if ordered else 1
        indent = len(self.lines[self.at]) - len(self.lines[self.at].lstrip())
        items = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            item = re.match(r"(\s*)([-*]|\d+\.) (.*)", line)
            if item and len(item.group(1)) == indent:
                items.append([item.group(3)])
            elif items and line.strip() and (line.startswith(" " * (indent + 2)) or not item) and not line.startswith(("#", "|", "```")):
                items[-1].append(line[indent + 2 :] if line.startswith(" " * (indent + 2)) else line)
            elif not line.strip() and self.at + 1 < len(self.lines) and self.lines[self.at + 1].startswith(" " * (indent + 2)):
                items[-1].append("")
            else:
                break
            self.at += 1
        tag = "ol" if ordered else "ul"
        start = ' start="%d"' % first if first > 1 else ""
        inner = "".join("<li>%s</li>" % self.item(item) for item in items)
        self.out.append("<%s%s>%s</%s>" % (tag, start, inner, tag))

    def item(self, lines):
        text = "\n".join(lines)
        if re.search(r"(?m)^\s*([-*]|\d+\.) |^\s*```|^$", "\n".join(lines[1:])) and len(lines) > 1:
            return Page(text, self.link).html
        return inline(" ".join(lines), self.link)

    def paragraph(self):
        body = []
        while self.at < len(self.lines) and self.lines[self.at].strip() and not re.match(r"```|#{1,6} |\||\s*([-*]|\d+\.) ", self.lines[self.at]):
            body.append(self.lines[self.at].strip())
            self.at += 1
        if not body:
            body.append(self.lines[self.at].strip())
            self.at += 1
        self.out.append("<p>%s</p>" % inline(" ".join(body), self.link))


def plain(text):
    """The words of a page, for the search."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text))).strip()
