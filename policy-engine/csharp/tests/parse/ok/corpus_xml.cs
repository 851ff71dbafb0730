@(XElement.Parse("<a><b>1</b><b>2</b></a>").Elements("b").Select(e => e.Value))
%%
@(XElement.Parse("<a/>").Element("b").Value)
%%
@((int?)XElement.Parse("<a/>").Attribute("n") ?? 7)
%%
@(XElement.Parse("<a><b><c>t</c></b></a>").Descendants("c").First().Value)
%%
@(XElement.Parse("<a>\n  <b/>\n</a>").ToString(SaveOptions.DisableFormatting))
%%
@{ XNamespace ns = "urn:x"; return XElement.Parse("<p:a xmlns:p='urn:x'><p:b>v</p:b></p:a>").Element(ns + "b").Value; }
%%
@(new XElement("a", new[] { 1, 2 }.Select(i => new XElement("i", i))).ToString(SaveOptions.DisableFormatting))
%%
@{ XNamespace ns = "urn:y"; return new XElement(ns + "a", new XAttribute(XNamespace.Xmlns + "p", "urn:y")).ToString(); }
%%
@{ var x = XElement.Parse("<a><b>1</b></a>"); x.Element("b").ReplaceWith(new XElement("z")); x.Name = "root"; return x.ToString(); }
%%
@(XDocument.Parse("<r><x>1</x></r>").Descendants().Select(e => e.Name.LocalName))
%%
@(XElement.Parse("<a><![CDATA[<raw>]]></a>").ToString())
%%
@(XElement.Parse("<a><!-- c --><b/></a>").Nodes().Count() + XElement.Parse("<a><!-- c --><b/></a>").Elements().Count())
%%
@(new XElement("a", "").ToString() + new XElement("a"))
